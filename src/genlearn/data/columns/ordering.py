"""Levels without an order, brought into one: neighbours go with similar values elsewhere.

Homogeneity analysis in one dimension (Gifi 1990, "Nonlinear multivariate analysis"): each level is
described by the mean of the other columns over its rows, and the levels stand in the order of the
first principal component of these descriptions, weighted by their rows. As the others' numbers
depend on the order of their levels, it is done twice.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..dataset import Array

_ROUNDS = 2


def orders(
    indices: dict[int, Array], sizes: dict[int, int], normal: Callable[[dict[int, Array]], Array]
) -> dict[int, Array]:
    """For each column of levels (by its place) the levels in their order on the line.

    ``indices``: of each the rows' levels, -1 where missing; ``sizes``: how many levels; ``normal``:
    the rows (n, D) as normal numbers, given such orders.
    """
    counts = {i: np.bincount(rows[rows >= 0], minlength=sizes[i]) for i, rows in indices.items()}
    found = {i: np.argsort(-count, kind="stable") for i, count in counts.items()}
    for _ in range(_ROUNDS):
        z = normal(found)
        found = {i: _by_first_component(np.delete(z, i, 1), indices[i], counts[i]) for i in found}
    return found


def _by_first_component(others: Array, rows: Array, counts: Array) -> Array:
    if not others.shape[1]:
        return np.argsort(-counts, kind="stable")
    known = rows >= 0
    sums = [np.bincount(rows[known], column[known], len(counts)) for column in others.T]
    means = np.stack(sums, 1) / np.maximum(counts, 1)[:, None]
    weights = counts / max(1, counts.sum())
    centred = np.where(counts[:, None] > 0, means - weights @ means, 0)
    axis = np.linalg.svd(np.sqrt(weights)[:, None] * centred, full_matrices=False)[2][0]
    axis = axis * np.sign(axis[np.abs(axis).argmax()])
    order: Array = np.lexsort((np.arange(len(counts)), centred @ axis))
    return order
