"""What goes in comes out: to_user(to_internal(x)) == x, whatever the type, the shape and the number
of levels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genlearn.data import open_data

IMAGES = st.one_of(
    hnp.array_shapes(min_dims=3, max_dims=3, max_side=5),
    st.tuples(*[st.integers(1, 5)] * 3, st.integers(1, 4)),
)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_integer_images(data):
    dtype = data.draw(
        st.sampled_from([np.uint8, np.int8, np.uint16, np.int16, np.int32, np.int64, np.bool_])
    )
    low, high = data.draw(st.sampled_from([(0, 1), (0, 16), (3, 3), (0, 255), (-5, 9), (0, 65535)]))
    info = (0, 1) if dtype is np.bool_ else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    elements = st.integers(*np.clip([low, high], *info).tolist())
    values = data.draw(hnp.arrays(np.int64, IMAGES, elements=elements)).astype(dtype)
    spec = open_data(values).spec
    x = spec.to_internal(values)
    assert x.abs().max() <= 1
    back = spec.to_user(x)
    assert back.dtype == values.dtype
    np.testing.assert_array_equal(back, values)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_float_images(data):
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    low, high = data.draw(st.sampled_from([(0, 1), (-1, 1), (-30, 70), (0.25, 0.25)]))
    values = data.draw(hnp.arrays(dtype, IMAGES, elements=st.floats(low, high, width=32)))
    spec = open_data(values).spec
    back = spec.to_user(spec.to_internal(values))
    assert back.dtype == values.dtype
    np.testing.assert_allclose(
        back, values, atol=1e-4 * max(1, spec.high - spec.low) if spec.levels is None else 1e-6
    )


@given(hnp.arrays(np.uint8, IMAGES), st.sampled_from([(0.0, 1.0), (-1.0, 1.0)]))
@settings(max_examples=30, deadline=None)
def test_bytes_scaled_to_floats_keep_their_levels(pixels, ends):
    low, high = ends
    pixels.flat[: min(3, pixels.size)] = [0, 77, 255][: pixels.size]
    values = (low + pixels / 255 * (high - low)).astype(np.float32)
    spec = open_data(values).spec
    if pixels.size > 2:
        assert (spec.low, spec.high, spec.levels) == (low, high, 256)
        np.testing.assert_allclose(spec.to_user(spec.to_internal(values)), values, atol=1e-6)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_tables(data):
    dtype = data.draw(st.sampled_from([np.float32, np.float64, np.int64, np.int16, np.uint8]))
    shape = data.draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=6))
    elements = (
        st.integers(0, 100) if np.dtype(dtype).kind in "iu" else st.floats(-1000, 1000, width=32)
    )
    values = data.draw(hnp.arrays(dtype, shape, elements=elements))
    spec = open_data(values).spec
    back = spec.to_user(spec.to_internal(values))
    assert back.dtype == values.dtype
    np.testing.assert_allclose(back, values, atol=0 if np.dtype(dtype).kind in "iu" else 1e-2)


@pytest.mark.parametrize("levels", [2, 17, 256, 65536])
def test_every_level_comes_back(levels):
    values = np.arange(levels, dtype=np.int64).reshape(-1, 1, 1)
    spec = open_data(values).spec
    assert spec.levels == levels
    np.testing.assert_array_equal(spec.to_user(spec.to_internal(values)), values)
