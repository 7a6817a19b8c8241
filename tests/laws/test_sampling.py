"""Law 1: samples are the user's kind of data, and the i-th depends on seed and i alone."""

import numpy as np
import pytest
from helpers import DATA, able

from genlearn.core.capabilities import Samples

pytestmark = pytest.mark.parametrize("name", able(Samples))
every_kind = pytest.mark.parametrize("kind", list(DATA))
# what a chunk of samples is drawn from is the same for all data
one_kind = pytest.mark.parametrize("kind", ["table"])


@every_kind
def test_samples_have_the_users_dtype_shape_and_range(model, kind):
    data, samples = DATA[kind](), model.sample(7, seed=3)
    assert samples.shape == (7, *data.shape[1:])
    assert samples.dtype == data.dtype
    assert np.isfinite(samples).all()


@one_kind
def test_a_sample_depends_on_seed_and_index_alone_across_chunks(model, kind):
    many, few = model.sample(600, seed=5), model.sample(3, seed=5)
    np.testing.assert_allclose(
        many[:3].astype(float),
        few.astype(float),
        rtol=1e-4,
        atol=1.0 if many.dtype == np.uint8 else 1e-4,
    )


@every_kind
def test_a_stream_of_samples_is_entered_anywhere(model, kind):
    whole, end = model.sample(8, seed=5), model.sample(5, seed=5, start=3)
    np.testing.assert_allclose(
        end.astype(float),
        whole[3:].astype(float),
        rtol=1e-4,
        atol=1.0 if end.dtype == np.uint8 else 1e-4,
    )
    assert (model.sample(5, seed=5) != end).any()


@every_kind
def test_the_same_seed_gives_the_same_samples_and_another_gives_others(model, kind):
    np.testing.assert_array_equal(model.sample(20, seed=1), model.sample(20, seed=1))
    assert (model.sample(20, seed=1) != model.sample(20, seed=2)).any()


@one_kind
def test_no_two_samples_are_equal_across_chunks(model, kind):
    samples = model.sample(1100, seed=0).reshape(1100, -1)
    assert (samples[:512] != samples[512:1024]).any(axis=1).mean() > 0.9


@every_kind
@pytest.mark.parametrize("n", [0, -1])
def test_a_sample_takes_at_least_one(model, kind, n):
    with pytest.raises(ValueError, match="at least 1"):
        model.sample(n)
