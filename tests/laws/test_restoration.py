"""What is known stays, what is not is filled in; noise of known strength is removed better than
left."""

import numpy as np
import pytest
from helpers import DATA, able, blobs, by_family, small

from genlearn.core.capabilities import Restores


@pytest.fixture(scope="module")
def skilled():
    """Models by name, trained for long enough to know a disc."""
    cache = {}

    def get(name):
        if name not in cache:
            cache[name] = small(name, steps=40, lr=5e-3, ema=0.9).fit(blobs(200))
        return cache[name]

    return get


def left_half(data):
    mask = np.zeros(data.shape[1:], bool)
    mask[..., : mask.shape[-1] // 2] = True
    return mask


@pytest.mark.parametrize("kind", list(DATA))
@pytest.mark.parametrize("name", able(Restores))
def test_no_noise_is_nothing_to_remove(model, kind):
    data = DATA[kind]()[:4]
    np.testing.assert_allclose(model.denoise(data, noise=0), data, rtol=1e-5, atol=1e-4)
    assert (model.denoise(data, noise=1.0).shape, model.denoise(data).dtype) == (
        data.shape,
        data.dtype,
    )


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("name", able(Restores))
def test_noise_that_cannot_be_is_refused(name, bad, fitted):
    with pytest.raises(ValueError, match=r"noise=.* at least 0"):
        fitted(name, "table").denoise(DATA["table"]()[:2], noise=bad)


@pytest.mark.parametrize("name", by_family(able(Restores)))
def test_stated_noise_is_removed_and_estimated_noise_grows_with_it(name, skilled):
    model, clean = skilled(name), blobs(30, seed=9)
    strengths = []
    for noise in (25.0, 60.0):
        noisy = (
            (clean + np.random.default_rng(0).normal(0, noise, clean.shape))
            .clip(0, 255)
            .astype(np.uint8)
        )
        before, after = (
            np.square(values.astype(float) - clean).mean()
            for values in (noisy, model.denoise(noisy, noise=noise))
        )
        assert after < 0.8 * before
        estimated = model.estimate_noise(noisy)
        assert estimated.shape == (30,)
        strengths.append(float(np.median(estimated)))
    assert 0 < strengths[0] < strengths[1]


@pytest.mark.parametrize("kind", list(DATA))
@pytest.mark.parametrize("name", able(Restores))
def test_what_is_known_stays_bit_for_bit(model, kind):
    data = DATA[kind]()[:5]
    mask = left_half(data)
    filled = model.inpaint(data, mask, seed=0)
    assert (filled.shape, filled.dtype) == (data.shape, data.dtype)
    np.testing.assert_array_equal(filled[:, ~mask], data[:, ~mask])
    assert (filled[:, mask] != data[:, mask]).any()
    np.testing.assert_array_equal(
        filled, model.inpaint(data, np.broadcast_to(mask, data.shape), seed=0)
    )
    assert (filled != model.inpaint(data, mask, seed=1)).any()


@pytest.mark.parametrize("name", able(Restores))
def test_a_mask_may_leave_out_the_channels(name, fitted):
    data = DATA["colour"]()[:3]
    mask = np.zeros((12, 9), bool)
    mask[:4] = True
    whole = np.repeat(mask[..., None], 3, -1)
    np.testing.assert_array_equal(
        fitted(name, "colour").inpaint(data, mask, seed=0),
        fitted(name, "colour").inpaint(data, whole, seed=0),
    )


@pytest.mark.parametrize("kind", list(DATA))
@pytest.mark.parametrize("name", able(Restores))
def test_nothing_missing_changes_nothing(model, kind):
    data = DATA[kind]()[:3]
    np.testing.assert_array_equal(model.inpaint(data, np.zeros(data.shape[1:], bool)), data)


@pytest.mark.parametrize("name", able(Restores))
def test_a_mask_of_another_shape_is_refused_with_both(name, fitted):
    data = DATA["grey"]()[:3]
    for shape in ((9, 12), (2, 12, 9), (12,)):
        with pytest.raises(ValueError, match="mask of shape") as told:
            fitted(name, "grey").inpaint(data, np.zeros(shape, bool))
        assert str(shape) in str(told.value)
        assert "(12, 9)" in str(told.value)
