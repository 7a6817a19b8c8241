"""The nearest neighbours of many points among many, exact, in little memory.

Squared distances of a block of queries to all points are one matrix product, |a|^2 - 2 a.b + |b|^2,
in single precision around the points' mean. That form cancels near 0, so only candidates are chosen
by it; their distances are then computed anew in double precision from the differences. A point that
is no candidate may still be nearer than its rounding error tells: a query of which that cannot be
excluded (clusters that are small for how far they lie apart) is asked again in double precision.

To choose k of n without sorting: cut the n points into groups; the k nearest lie in the k groups
that have the smallest minima.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[Any]

_BLOCK_NUMBERS = 1 << 24  # distances held at a time: 64 MB
_SPARE = 4  # candidates beyond k, whose order single precision may have mistaken
_GROUP = 64
_ROUNDINGS = 8  # errors of a sum of d products grow as sqrt(d), and are seldom so many times that


def nearest_neighbours(queries: Array, points: Array, k: int) -> tuple[Array, Array]:
    """Euclidean distances, float64, and indices of the ``k`` nearest of ``points`` (n, d) to each
    of ``queries`` (m, d): both (m, k), near to far.

    ``k`` is cut to n.
    """
    points, queries = np.asarray(points), np.asarray(queries)
    k, centre = min(k, len(points)), points.mean(0, dtype=np.float64)
    distance, index, sure = _search(queries, points, k, centre, np.float32)
    again = np.flatnonzero(~sure)
    if len(again):
        distance[again], index[again], _ = _search(queries[again], points, k, centre, np.float64)
    return distance, index


def _search(
    queries: Array, points: Array, k: int, centre: Array, precision: type[Any]
) -> tuple[Array, Array, Array]:
    """Distances and indices (m, k) by candidates of a ``precision``, and whether it was enough for
    each query, (m,)."""
    table = torch.from_numpy((points - centre).astype(precision))
    squares, step = table.square().sum(1), max(1, _BLOCK_NUMBERS // max(1, len(points)))
    distance, index = np.empty((len(queries), k)), np.empty((len(queries), k), np.int64)
    sure = np.empty(len(queries), bool)
    for start in range(0, len(queries), step):
        some = slice(start, start + step)
        around = queries[some] - centre
        likely, least = _candidates(
            torch.from_numpy(around.astype(precision)), table, squares, min(k + _SPARE, len(points))
        )
        distance[some], index[some] = _exact(queries[some], points, likely, k)
        error = _ROUNDINGS * np.sqrt(points.shape[1]) * np.finfo(precision).eps
        own, reach = np.square(around).sum(1), distance[some, -1]
        room = error * np.square(2 * np.sqrt(own) + reach)  # |b| <= |a| + |a - b|
        sure[some] = (likely.shape[1] == len(points)) | (np.square(reach) <= least + own - room)
    return distance, index, sure


def _candidates(block: Tensor, table: Tensor, squares: Tensor, k: int) -> tuple[Array, Array]:
    """Indices (m, k) of the nearest, and the largest of their squared distances, (m,), than which
    no other is smaller; |a|^2 is left out, which orders nothing."""
    distance = torch.addmm(squares, block, table.T, alpha=-2)
    groups = len(table) // _GROUP
    if groups <= 2 * k:
        near = distance.topk(k, largest=False)
        return near.indices.numpy(), near.values[:, -1].double().numpy()
    folded = distance[:, : groups * _GROUP].view(len(block), _GROUP, groups)
    best = folded.amin(1).topk(k, largest=False).indices
    index = (best[:, None, :] + groups * torch.arange(_GROUP)[None, :, None]).flatten(1)
    rest = torch.arange(groups * _GROUP, len(table)).expand(len(block), -1)
    index = torch.cat([index, rest], 1)
    chosen = distance.gather(1, index).topk(k, largest=False)
    return index.gather(1, chosen.indices).numpy(), chosen.values[:, -1].double().numpy()


def _exact(block: Array, points: Array, likely: Array, k: int) -> tuple[Array, Array]:
    """The ``k`` nearest among the candidates ``likely`` (m, c), by distances in double precision;
    equally near ones by index."""
    block = block.astype(np.float64)
    distance = np.stack(
        [np.sqrt(np.square(points[column] - block).sum(1)) for column in likely.T], 1
    )
    order = np.lexsort((likely, distance))[:, :k]
    return np.take_along_axis(distance, order, 1), np.take_along_axis(likely, order, 1)
