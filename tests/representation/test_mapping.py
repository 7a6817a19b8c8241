"""Codes in the plane: neighbours stay neighbours, and what cannot be mapped is told."""

import importlib.util

import numpy as np
import pytest

from genlearn.representation import map_codes, nearest_neighbours


def groups(n=90, dim=6):
    labels = np.arange(n) % 3
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, dim)) + 40 * np.eye(dim)[labels], labels


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_groups_stay_together_and_apart(method):
    codes, labels = groups()
    points = map_codes(codes, method)
    assert points.shape == (90, 2)
    assert points.dtype == np.float64
    near = nearest_neighbours(points, k=5).indices
    assert (labels[near] == labels[:, None]).mean() > 0.99
    np.testing.assert_array_equal(points, map_codes(codes, method))


def test_codes_of_two_numbers_are_points_already():
    codes = groups(dim=3)[0][:, :2]
    np.testing.assert_array_equal(map_codes(codes), codes)
    np.testing.assert_array_equal(map_codes(codes[:, :1])[:, 1], 0)


@pytest.mark.parametrize("n", [2, 3, 4, 7])
@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_a_few_examples_are_mapped_too(n, method):
    points = map_codes(np.random.default_rng(0).normal(size=(n, 5)), method)
    assert points.shape == (n, 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize(
    ("codes", "method", "says"),
    [
        (np.zeros((5, 3)), "tsne", "all 5 codes are equal"),
        (np.zeros((1, 3)), "pca", "at least 2"),
        (groups()[0], "isomap", "choose one of: tsne, pca, umap"),
    ],
)
def test_what_cannot_be_mapped_gets_one_line(codes, method, says):
    with pytest.raises(ValueError, match=says):
        map_codes(codes, method)


@pytest.mark.skipif(importlib.util.find_spec("umap") is not None, reason="umap-learn is here")
def test_umap_says_what_to_install():
    with pytest.raises(ValueError, match="pip install umap-learn"):
        map_codes(groups()[0], "umap")
