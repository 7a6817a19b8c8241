"""The statistics of memorisation: are samples nearer to training examples than new data is?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom, rankdata

from ...core.seeding import seed_for
from ..metric import MetricValue
from .knn import nearest_neighbours

Array = NDArray[Any]
_SHARES = (0.01, 0.05)  # of the held-out examples: thresholds beside the smallest of all
_TWICE = 2
_CELLS = 32
_ROUNDING = 1e-9


def _levels(ratios: Array, volumes: Array, seed: int) -> Array:
    """How suspicious each example is, small for very: the larger of its two ranks, ties broken at
    random."""
    ties = np.random.default_rng(seed_for(seed, "copies")).random(len(ratios))
    level: Array = np.maximum(rankdata(ratios, "min"), rankdata(volumes, "min")) + ties
    return level


def _weights(samples: Array, held_out: Array, train: Array, seed: int) -> Array:
    """What each sample counts: less than 1 in cells where there are more samples than held-out
    examples and chance explain."""
    rng = np.random.default_rng(seed_for(seed, "cells"))
    centres = train[rng.choice(len(train), min(_CELLS, len(train)), replace=False)]
    cell, other = (nearest_neighbours(rows, centres, 1)[1][:, 0] for rows in (samples, held_out))
    drawn, held = (np.bincount(cells, minlength=len(centres)) for cells in (cell, other))
    allowed = len(samples) / len(held_out) * (held + 2 * np.sqrt(held + 1))
    return np.asarray(np.minimum(1, allowed / np.maximum(drawn, 1))[cell])


def _tests(ratios: Array, level: Array, weights: Array, n: int) -> list[tuple[float, Array, float]]:
    """(p, indices of the samples below the threshold, share of the held-out below it) of each
    threshold, the strictest first."""
    m = len(level) - n
    equal, equal_held = np.flatnonzero(ratios[:n] == 0), int((ratios[n:] == 0).sum())
    count = int(weights[equal].sum() + _ROUNDING)
    tests = [(float(hypergeom.sf(count - 1, n + m, count + equal_held, n)), equal, equal_held / m)]
    bounds = np.sort(level[n:])
    for j in (1, *(max(1, round(share * m)) for share in _SHARES)):
        below = np.flatnonzero(level[:n] < bounds[j - 1])
        count = int(weights[below].sum() + _ROUNDING)
        tests.append((float(hypergeom.cdf(j - 1, n + m, m, count + j - 1)), below, j / m))
    return [
        (p if weights[below].sum() >= _TWICE * expected * n else 1.0, below, expected)
        for p, below, expected in tests
    ]


def _least(tests: list[tuple[float, Array, float]]) -> tuple[float, Array, float]:
    """The test of least p, which is corrected for the choice (Bonferroni)."""
    p, chosen, expected = min(tests, key=lambda test: test[0])
    return min(1.0, p * len(tests)), chosen, expected


def _excess(share: float, expected: float, n: int, m: int) -> MetricValue:
    """Share of samples beyond the ``expected``, with Wald's interval for a difference of shares,
    within [0, 1]."""
    half = 1.96 * np.sqrt(max(share, 1 / n) * (1 - share) / n + expected * (1 - expected) / m)
    value = share - expected
    low, middle, high = (float(np.clip(x, 0, 1)) for x in (value - half, value, value + half))
    return MetricValue(low=low, value=middle, high=high, n=n)


def _mann_whitney(a: Array, b: Array) -> float:
    """Standardised U of ``a`` over ``b``, corrected for ties: below 0 where ``a`` is smaller. 0
    where all are equal."""
    n, m = len(a), len(b)
    both = np.concatenate([a, b])
    u = rankdata(both)[:n].sum() - n * (n + 1) / 2
    counts = np.unique(both, return_counts=True)[1].astype(np.float64)
    total = n + m
    variance = n * m / 12 * (total + 1 - (counts**3 - counts).sum() / (total * max(total - 1, 1)))
    return float((u - n * m / 2) / np.sqrt(variance)) if variance > 0 else 0.0
