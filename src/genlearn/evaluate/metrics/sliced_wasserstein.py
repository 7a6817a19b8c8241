"""Sliced Wasserstein distance and MIND: optimal transport along random lines.

    SW2^2 = E_u W2^2(u.x, u.y), u uniform on the sphere;   MIND = 3 d SW2^2

On a line the optimal transport matches quantiles: for equal sizes W2^2 is the mean squared
difference of the sorted values; for unequal ones the two step functions are integrated exactly.
Rabin et al. 2011; Bonneel et al. 2015; MIND: arXiv 2605.06797, scaled so that it is of the size of
a Frechet distance: a shift by m gives 3 ||m||^2. Unlike Frechet it sees every moment of every
projection, and needs fewer samples.

Pitfalls: averaging over directions dilutes a difference that lives in few of many dimensions;
biased upwards by the order of 1/n, so that values at different n do not compare; its scale is that
of the features. The directions belong to the seed: all models are compared along the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.seeding import seed_for
from ..metric import Metric, SetMetric
from ._distances import Array

_LINES = 64


def mind(real: Array, fake: Array, seed: int = 0, projections: int = 512) -> float:
    """3 d SW2^2 of two sets of feature vectors, (n, d) and (m, d)."""
    return 3.0 * int(real.shape[1]) * _squared(real, fake, seed, projections)


def sliced_wasserstein(real: Array, fake: Array, seed: int = 0, projections: int = 512) -> float:
    """SW2, in the units of the features."""
    return float(np.sqrt(_squared(real, fake, seed, projections)))


def _squared(real: Array, fake: Array, seed: int, projections: int) -> float:
    centre = real.mean(0, dtype=np.float64)
    parts = [
        transport(lines @ (real - centre).T, lines @ (fake - centre).T)
        for lines in _directions(real.shape[1], seed, projections)
    ]
    return float(np.concatenate(parts).mean())


def _directions(dim: int, seed: int, count: int) -> Iterator[Array]:
    lines = np.random.default_rng(seed_for(seed, "sliced")).normal(size=(count, dim))
    lines /= np.linalg.norm(lines, axis=1, keepdims=True)
    for start in range(0, count, _LINES):
        yield lines[start : start + _LINES]


def transport(x: Array, y: Array) -> Array:
    """W2^2 of each row of ``x`` (lines, n) to that of ``y`` (lines, m): shape (lines,)."""
    x, y = np.sort(x, axis=1), np.sort(y, axis=1)
    n, m = x.shape[1], y.shape[1]
    if n == m:
        return np.asarray(np.square(x - y).mean(1))
    # where either quantile function jumps, in units of 1/(n m)
    steps = np.union1d(np.arange(n + 1) * m, np.arange(m + 1) * n)
    left = steps[:-1]
    return np.asarray(np.square(x[:, left // m] - y[:, left // n]) @ (np.diff(steps) / (n * m)))


METRIC = SetMetric.single(
    Metric(
        key="mind",
        title="Sliced distance (MIND)",
        group="samples",
        better="lower",
        meaning=(
            "Seen along many random directions, how far must samples be moved to become real data?"
            " Steady with few samples."
        ),
        reference="arXiv 2605.06797",
        ideal=0.0,
        least=0.0,
    ),
    mind,
    needs="features",
    order=3,
    largest=20_000,
)
