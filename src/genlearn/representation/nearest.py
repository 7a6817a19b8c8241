"""Search: which codes are nearest to which, exactly, in memory that does not grow with their
number.

Codes are gone through in blocks; in each the nearest are found by a matrix product, and their
distances computed anew from the differences (`evaluate.probes.knn`). Those of all blocks so far are
kept, k for each query; of equally near ones, some.

Distances are Euclidean, of the codes as they are: their scale is the model's statement of what
matters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.capabilities import Array
from ..core.errors import UserError
from ..evaluate.probes import knn
from .checks import checked_codes

_BLOCK_NUMBERS = 1 << 22  # of codes gone through at a time: 16 MB
_QUERIES = 4096  # at a time


class Neighbours(NamedTuple):
    """Of each of m queries, its k nearest, near to far: ``distances`` (m, k), float64, and
    ``indices`` (m, k) of the codes."""

    distances: Array
    indices: Array


def nearest_neighbours(codes: Array, queries: Array | None = None, k: int = 10) -> Neighbours:
    """The ``k`` nearest of ``codes`` (n, d), which may be a memory map, to each of ``queries`` (m,
    d); None: to each of the codes, itself left out.

    Raises `UserError` for more neighbours than there are, codes of another length, and NaN.
    """
    codes = checked_codes(codes)
    own = queries is None
    asked = codes if queries is None else checked_codes(queries)
    there = len(codes) - own
    if not 1 <= k <= there:
        raise UserError(
            f"k={k} was given; {len(codes):,} examples have from 1 to {there:,} neighbours"
            f"{' beside themselves' if own else ''}"
            if there
            else f"{len(codes)} example was given; neighbours are looked for among at least 2"
        )
    if asked.shape[1] != codes.shape[1]:
        raise UserError(
            f"queries of {asked.shape[1]} numbers were given; the codes have {codes.shape[1]}"
        )
    found = Neighbours(np.empty((len(asked), k)), np.empty((len(asked), k), np.int64))
    for start in range(0, len(asked), _QUERIES):
        some = slice(start, start + _QUERIES)
        distances, indices = _nearest(codes, np.asarray(asked[some]), k + own)
        if own:
            distances, indices = _others(distances, indices, start)
        found.distances[some], found.indices[some] = distances, indices
    return found


def _nearest(codes: Array, queries: Array, k: int) -> tuple[Array, Array]:
    distances: Array = np.empty((len(queries), 0))
    indices: Array = np.empty((len(queries), 0), np.int64)
    step = max(1, _BLOCK_NUMBERS // codes.shape[1])
    for start in range(0, len(codes), step):
        near = knn.nearest_neighbours(queries, np.asarray(codes[start : start + step]), k)
        distances = np.concatenate([distances, near[0]], 1)
        indices = np.concatenate([indices, near[1] + start], 1)
        order = np.lexsort((indices, distances))[:, :k]
        distances, indices = (np.take_along_axis(x, order, 1) for x in (distances, indices))
    return distances, indices


def _others(distances: Array, indices: Array, start: int) -> tuple[Array, Array]:
    """Without the queries themselves, which are codes number ``start`` and on: where so many are
    equal that it is not among the nearest, without the last."""
    itself = indices == start + np.arange(len(indices))[:, None]
    itself[~itself.any(1), -1] = True
    shape = len(indices), indices.shape[1] - 1
    return distances[~itself].reshape(shape), indices[~itself].reshape(shape)


def same_class_share(labels: Array, classes: Array, neighbours: Neighbours) -> float:
    """The share of neighbours that are of the class of their query: ``labels`` (n,) of the codes,
    ``classes`` (m,) of the queries."""
    return float(np.mean(np.asarray(labels)[neighbours.indices] == np.asarray(classes)[:, None]))
