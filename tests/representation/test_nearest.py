"""Search is exact: against distances computed one by one."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from genlearn.representation import nearest, nearest_neighbours, same_class_share


def brute(codes, queries, k):
    return np.sort(cdist(queries, codes), 1)[:, :k]


CODES = {
    "normal": lambda rng: rng.normal(size=(500, 8)),
    "far from 0": lambda rng: rng.normal(size=(500, 8)) + 1e6,
    "tight clusters far apart": lambda rng: (
        rng.normal(size=(500, 8)) + 1e6 * rng.integers(3, size=(500, 1))
    ),
    "many equal": lambda rng: rng.integers(2, size=(500, 3)).astype(np.float32),
    "one number": lambda rng: rng.normal(size=(500, 1)).astype(np.float32),
    "one far outlier": lambda rng: np.vstack([rng.normal(size=(499, 4)), np.full((1, 4), 1e7)]),
}


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("block", [1 << 22, 700])  # of numbers: in one, and in several
def test_neighbours_are_the_nearest(kind, block, monkeypatch):
    monkeypatch.setattr(nearest, "_BLOCK_NUMBERS", block)
    rng = np.random.default_rng(0)
    codes = CODES[kind](rng)
    queries = codes[:40] + rng.normal(size=(40, codes.shape[1])) * 1e-3
    found = nearest_neighbours(codes, queries, 7)
    np.testing.assert_allclose(found.distances, brute(codes, queries, 7), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        np.linalg.norm(codes[found.indices] - queries[:, None], axis=2), found.distances
    )


@pytest.mark.parametrize("kind", CODES)
def test_an_example_is_not_its_own_neighbour(kind):
    codes = CODES[kind](np.random.default_rng(1))
    found = nearest_neighbours(codes, k=5)
    assert not (found.indices == np.arange(len(codes))[:, None]).any()
    apart = cdist(codes, codes)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_allclose(found.distances, np.sort(apart, 1)[:, :5], rtol=1e-12, atol=1e-12)
    assert all(len(set(row)) == 5 for row in found.indices)


def test_of_equally_near_ones_some_are_found_in_order_and_the_same_again():
    codes, query = np.zeros((300, 2)), np.ones((1, 2))
    found = nearest_neighbours(codes, query, 4)
    assert (np.diff(found.indices[0]) > 0).all()
    np.testing.assert_array_equal(found.indices, nearest_neighbours(codes, query, 4).indices)


def test_codes_on_disk_are_not_read_into_memory_whole(tmp_path):
    np.save(tmp_path / "codes.npy", np.random.default_rng(0).normal(size=(1000, 3)))
    mapped = np.load(tmp_path / "codes.npy", mmap_mode="r")
    found = nearest_neighbours(mapped, np.asarray(mapped[:9]), 1)
    assert found.indices[:, 0].tolist() == list(range(9))


@pytest.mark.parametrize(
    ("codes", "queries", "k", "says"),
    [
        (np.zeros((3, 2)), None, 3, "from 1 to 2 neighbours beside themselves"),
        (np.zeros((3, 2)), np.zeros((1, 2)), 4, "from 1 to 3 neighbours"),
        (np.zeros((1, 2)), None, 1, "among at least 2"),
        (np.zeros((3, 2)), np.zeros((1, 3)), 1, "the codes have 2"),
        (np.full((3, 2), np.nan), None, 1, "NaN"),
        (np.zeros(3), None, 1, "codes are numbers"),
        (np.array([["a"]]), None, 1, "codes are numbers"),
    ],
)
def test_what_cannot_be_searched_gets_one_line(codes, queries, k, says):
    with pytest.raises(ValueError, match=says):
        nearest_neighbours(codes, queries, k)


def test_share_of_one_class():
    codes = np.array([[0.0], [0.1], [5.0], [5.1]])
    labels = np.array([0, 0, 1, 1])
    assert same_class_share(labels, labels, nearest_neighbours(codes, k=1)) == 1
    assert same_class_share(labels, 1 - labels, nearest_neighbours(codes, k=1)) == 0
