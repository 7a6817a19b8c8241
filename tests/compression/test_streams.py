"""Numbers to bytes and back: always the same ones, or nothing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genlearn.compression import tables
from genlearn.compression.predictors import LeastSquares, _eliminate
from genlearn.compression.streams import decode, encode, tiled, tiles, untiled
from genlearn.core.errors import UserError

SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 6), st.integers(1, 6), st.integers(1, 4))


@st.composite
def images(draw):
    """Noise, few levels, or smooth; with an expectation or without."""
    shape = draw(SHAPES)
    levels = draw(st.sampled_from([0, 1, 7, 255]))
    values = draw(arrays(np.uint8, shape, elements=st.integers(255 - levels, 255)))
    expected = draw(st.none() | arrays(np.uint8, shape))
    return values, expected


@settings(max_examples=12)
@given(images())
def test_every_image_comes_back_exactly(drawn):
    values, expected = drawn
    content, checks = encode(values, expected)
    np.testing.assert_array_equal(decode(content, checks, values.shape, expected), values)


def test_more_images_than_a_block_come_back_and_are_cheaper_than_the_first():
    rng = np.random.default_rng(0)
    values = rng.integers(100, 116, (300, 4, 4, 1)).astype(np.uint8)
    content, checks = encode(values)
    assert len(checks) == 4 * 3
    np.testing.assert_array_equal(decode(content, checks, values.shape), values)
    entropy = values.size * math.log2(16) / 8
    assert entropy <= len(content) < 1.2 * entropy


def test_an_expectation_that_is_right_saves_most_bytes():
    values = np.random.default_rng(0).integers(0, 256, (40, 6, 6, 1)).astype(np.uint8)
    close = np.clip(values.astype(int) + 2, 0, 255).astype(np.uint8)
    assert len(encode(values, close)[0]) < 0.6 * len(encode(values)[0])


@settings(max_examples=20)
@given(st.integers(1, 2), st.integers(65, 100), st.integers(65, 100), st.integers(1, 3))
def test_large_images_are_cut_into_pieces_that_fit_together(n, height, width, channels):
    shape = (n, height, width, channels)
    values = np.random.default_rng(height).integers(0, 256, shape).astype(np.uint8)
    pieces = tiles(values)
    assert pieces.shape == tiled(shape)
    assert pieces.shape[1:3] == (32, 32)
    np.testing.assert_array_equal(untiled(pieces, shape), values)


@pytest.mark.parametrize("change", ["content", "checks", "expected", "cut", "shape"])
def test_what_decodes_otherwise_is_never_given(change):
    rng = np.random.default_rng(1)
    values = rng.integers(0, 256, (3, 5, 5, 1)).astype(np.uint8)
    expected = np.clip(values.astype(int) + rng.integers(-9, 9, values.shape), 0, 255)
    expected, shape = expected.astype(np.uint8), values.shape
    content, checks = encode(values, expected)
    if change == "content":
        content = bytes([content[0] ^ 1]) + content[1:]
    elif change == "checks":
        checks = bytes(4)
    elif change == "expected":  # as by a machine that rounds otherwise: by one level, once
        expected[0, 0, 0, 0] ^= 1
    elif change == "cut":
        content = content[:4]
    else:
        shape = (2, 5, 5, 1)
    with pytest.raises(UserError, match=r"does not decode|damaged"):
        decode(content, checks, shape, expected)


def test_probabilities_are_whole_numbers_that_no_order_of_sums_changes():
    """The tables are those by which all files are made; products stay below 2^53."""
    assert tables.digest().hex() == "be8675582524fcb1"
    assert (np.diff(tables.squash()) >= 0).all()
    assert (np.diff(tables.stretch()) >= 0).all()
    level, scale = np.arange(257), np.zeros(257, np.int64)
    below = tables.mass(scale, level, np.full(257, 1000))
    assert (np.diff(below) > 0).all()


def test_elimination_solves_and_least_squares_predict():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (400, 5)).astype(np.float64)
    y = np.rint(x @ [0.5, 0.25, 0.25, 0, 0]).astype(np.int64)
    model = LeastSquares(5)
    assert model.predict(x) is None
    model.see(x, y)
    model.solve()
    assert np.abs(model.predict(x) / 8 - y).max() < 1
    matrix = x.T @ x + np.eye(5)
    np.testing.assert_allclose(_eliminate(matrix, x.T @ y), np.linalg.solve(matrix, x.T @ y))
