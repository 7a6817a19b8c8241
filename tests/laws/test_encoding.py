"""Law 2: codes are deterministic, and shapes and dtypes come back as they went in."""

import numpy as np
import pytest
from helpers import DATA, able

from genlearn.core.capabilities import Encodes, InvertsByOptimization

pytestmark = [
    pytest.mark.parametrize("kind", list(DATA)),
    pytest.mark.parametrize(
        "name", [name for name in able(Encodes) if name not in able(InvertsByOptimization)]
    ),
]


def test_encoding_is_deterministic_and_independent_of_company(model, kind):
    data = DATA[kind]()
    codes = model.encode(data)
    assert codes.dtype == np.float32
    np.testing.assert_array_equal(codes, model.encode(data))
    np.testing.assert_allclose(codes[3:5], model.encode(data[3:5]), rtol=1e-4, atol=1e-5)


def test_reconstruct_is_decode_after_encode(model, kind):
    data = DATA[kind]()[:20]
    reconstructed = model.reconstruct(data)
    np.testing.assert_array_equal(reconstructed, model.decode(model.encode(data)))
    assert (reconstructed.shape, reconstructed.dtype) == (data.shape, data.dtype)


def test_transform_is_encode_and_inverse_transform_decode(model, kind):
    data = DATA[kind]()[:5]
    codes = model.transform(data)
    np.testing.assert_array_equal(codes, model.encode(data))
    np.testing.assert_array_equal(model.inverse_transform(codes), model.decode(codes))


def test_interpolation_starts_and_ends_at_its_ends(model, kind):
    data = DATA[kind]()
    line = model.interpolate(data[:1], data[1:2], 6)
    assert line.shape == (6, *data.shape[1:])
    ends = np.concatenate([model.reconstruct(data[:1]), model.reconstruct(data[1:2])])
    np.testing.assert_allclose(
        line[[0, -1]].astype(float),
        ends.astype(float),
        rtol=1e-4,
        atol=1.0 if data.dtype == np.uint8 else 1e-4,
    )


def test_codes_of_another_shape_are_refused(model, kind):
    with pytest.raises(ValueError, match=r"this model's have shape \(n, "):
        model.decode(np.zeros((2, 999)))


def test_codes_that_are_not_numbers_are_refused(model, kind):
    codes = model.encode(DATA[kind]()[:2])
    with pytest.raises(ValueError, match="NaN or infinite"):
        model.decode(codes * np.nan)


def test_examples_of_another_shape_are_refused(model, kind):
    with pytest.raises(ValueError, match=r"shape|features"):
        model.encode(DATA[kind]()[:4, :3])
