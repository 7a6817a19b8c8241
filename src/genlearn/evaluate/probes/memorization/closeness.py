"""How close examples are to single training examples, and to the lines between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..knn import nearest_neighbours

Array = NDArray[Any]

_RATIO, _DIMENSION = 6, 21  # neighbours that r and D look at
_ENDS = 8  # neighbours that segments end at
_EQUAL = 1e-6  # a ratio below is rounding: the rows are equal
_LARGEST = 1000.0  # dimension; data on a lattice has equal distances and would have an infinite one
_BLOCK = 512


@dataclass(frozen=True, eq=False)
class Closeness:
    """Of each of m examples: ``ratios`` r, ``volumes`` log v, ``segments`` s, the ``nearest``
    distance d_1, all (m,), and the ``index`` (m,) of the nearest training example."""

    ratios: Array
    volumes: Array
    segments: Array
    nearest: Array
    index: Array


def closeness(queries: Array, train: Array) -> Closeness:
    """Of ``queries`` (m, d) to the distinct rows ``train`` (N, d)."""
    distances, indices = nearest_neighbours(queries, train, _DIMENSION)
    others = distances[:, 1:_RATIO].mean(1) if distances.shape[1] > 1 else distances[:, 0]
    ratios = _relative(distances[:, 0], others)
    beside = _segment_distances(queries, train, indices[:, :_ENDS])
    return Closeness(
        ratios,
        _volumes(ratios, distances),
        _relative(beside, others),
        distances[:, 0],
        indices[:, 0],
    )


def _relative(distances: Array, others: Array) -> Array:
    """``distances`` in units of those to ``others``; where the training set has a single row, 1,
    unless the example is that row."""
    ratio = np.divide(distances, others, out=np.zeros(len(distances)), where=others > 0)
    return np.asarray(np.where(ratio < _EQUAL, 0.0, ratio))


def _volumes(ratios: Array, distances: Array) -> Array:
    """log v = D log r of each row; -inf where r = 0."""
    with np.errstate(divide="ignore"):
        log_ratio = np.log(ratios)
    if distances.shape[1] < 4:
        return log_ratio
    spread = np.log(distances[:, -1:] / distances[:, 1:-1]).mean(1)
    return np.asarray(log_ratio / np.maximum(spread, 1 / _LARGEST))


def _segment_distances(queries: Array, train: Array, ends: Array) -> Array:
    """Distance (m,) of each query to the nearest of the segments between two of its ``ends``
    (m, k), rows of ``train``."""
    parts = [
        _to_segments(train[ends[i : i + _BLOCK]] - queries[i : i + _BLOCK, None])
        for i in range(0, len(queries), _BLOCK)
    ]
    return np.concatenate(parts)


def _to_segments(ends: Array) -> Array:
    """Distance (m,) of the origin to the nearest segment between two of the ``ends`` (m, k, d): by
    their inner products alone, as |u + t (v - u)|^2 with t = -u.(v - u) / |v - u|^2 in [0, 1]."""
    inner = ends @ ends.transpose(0, 2, 1)
    squares = np.diagonal(inner, axis1=1, axis2=2)
    along = inner - squares[:, :, None]
    length = squares[:, :, None] + squares[:, None] - 2 * inner
    t = np.clip(np.divide(-along, length, out=np.zeros_like(length), where=length > 0), 0, 1)
    distance = squares[:, :, None] + 2 * t * along + t * t * length
    return np.asarray(np.sqrt(np.maximum(distance.min((1, 2)), 0)))
