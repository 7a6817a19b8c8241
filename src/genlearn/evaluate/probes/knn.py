"""The nearest neighbours of many points among many, exact, in little memory.

Squared distances of a block of queries to all points are one matrix product, |a|^2 - 2 a.b + |b|^2,
in single precision around the points' mean. That form cancels near 0, so only candidates are chosen
by it; their distances are then computed anew in double precision from the differences.

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


def nearest_neighbours(queries: Array, points: Array, k: int) -> tuple[Array, Array]:
    """Euclidean distances, float64, and indices of the ``k`` nearest of ``points`` (n, d) to each
    of ``queries`` (m, d): both (m, k), near to far.

    ``k`` is cut to n.
    """
    points, queries = np.asarray(points, np.float64), np.asarray(queries, np.float64)
    k, centre = min(k, len(points)), points.mean(0)
    table = torch.from_numpy((points - centre).astype(np.float32))
    squares, step = table.square().sum(1), max(1, _BLOCK_NUMBERS // len(points))
    parts = []
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        likely = _candidates(
            torch.from_numpy((block - centre).astype(np.float32)),
            table,
            squares,
            min(k + _SPARE, len(points)),
        )
        parts.append(_exact(block, points, likely, k))
    if not parts:
        return np.empty((0, k)), np.empty((0, k), np.int64)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _candidates(block: Tensor, table: Tensor, squares: Tensor, k: int) -> Array:
    """Indices (m, k) of the nearest by single precision; |a|^2 is left out, which orders
    nothing."""
    distance = torch.addmm(squares, block, table.T, alpha=-2)
    groups = len(table) // _GROUP
    if groups <= 2 * k:
        return distance.topk(k, largest=False).indices.numpy()
    folded = distance[:, : groups * _GROUP].view(len(block), _GROUP, groups)
    best = folded.amin(1).topk(k, largest=False).indices
    index = (best[:, None, :] + groups * torch.arange(_GROUP)[None, :, None]).flatten(1)
    rest = torch.arange(groups * _GROUP, len(table)).expand(len(block), -1)
    index = torch.cat([index, rest], 1)
    chosen = distance.gather(1, index).topk(k, largest=False).indices
    return index.gather(1, chosen).numpy()


def _exact(block: Array, points: Array, likely: Array, k: int) -> tuple[Array, Array]:
    """The ``k`` nearest among the candidates ``likely`` (m, c), by distances in double precision;
    equally near ones by index."""
    distance = np.stack(
        [np.sqrt(np.square(points[column] - block).sum(1)) for column in likely.T], 1
    )
    order = np.lexsort((likely, distance))[:, :k]
    return np.take_along_axis(distance, order, 1), np.take_along_axis(likely, order, 1)
