"""The statistics of memorisation: are samples nearer to training examples than new data is?"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom, rankdata

from ....core.seeding import seed_for
from ...metric import MetricValue
from ..knn import nearest_neighbours
from .closeness import Closeness

Array = NDArray[Any]
Kind = Literal["copies", "interpolations", "moved copies"]
_SHARES = (0.01, 0.05)  # of the held-out examples: thresholds beside the smallest of all
_TWICE = 2
_ON_LINE = 0.1  # s of what lies on a line: 8 bits, or 16 levels on 8x8 pixels, round to less
_CELLS = 32
_ROUNDING = 1e-9


class Finding(NamedTuple):
    """One threshold: its ``p``, the samples ``below`` it by index, and the share of the held-out
    examples below it."""

    p: float
    below: Array
    expected: float
    kind: Kind


def findings(
    found: Closeness, weights: Array, n: int, seed: int, moved: bool = False
) -> list[Finding]:
    """All tests on the first ``n`` examples, the samples, against the others, the held-out: of
    copies, the strictest first, and of interpolations where examples are not ``moved``."""
    level = _levels(found.ratios, found.volumes, seed)
    kind: Kind = "moved copies" if moved else "copies"
    m = len(level) - n
    tests = [_fisher(found.ratios == 0, weights, n, kind)]
    bounds = np.sort(level[n:])
    for j in (1, *(max(1, round(share * m)) for share in _SHARES)):
        below = np.flatnonzero(level[:n] < bounds[j - 1])
        count = int(weights[below].sum() + _ROUNDING)
        p = float(hypergeom.cdf(j - 1, n + m, m, count + j - 1))
        tests.append(_counted(Finding(p, below, j / m, kind), weights))
    between = [] if moved else [_fisher(found.segments < _ON_LINE, weights, n, "interpolations")]
    return [*tests, *between]


def _fisher(close: Array, weights: Array, n: int, kind: Kind) -> Finding:
    """Are more of the first ``n`` examples ``close`` than of the others? Fisher's exact test."""
    below, held, m = np.flatnonzero(close[:n]), int(close[n:].sum()), len(close) - n
    count = int(weights[below].sum() + _ROUNDING)
    p = float(hypergeom.sf(count - 1, n + m, count + held, n))
    return _counted(Finding(p, below, held / m, kind), weights)


def _counted(test: Finding, weights: Array) -> Finding:
    """``test``, without evidence where less than twice the expected share is below."""
    enough = weights[test.below].sum() >= _TWICE * test.expected * len(weights)
    return test if enough else test._replace(p=1.0)


def least(tests: list[Finding]) -> Finding:
    """The test of least p, which is corrected for the choice (Bonferroni)."""
    found = min(tests, key=lambda test: test.p)
    return found._replace(p=min(1.0, found.p * len(tests)))


def _levels(ratios: Array, volumes: Array, seed: int) -> Array:
    """How suspicious each example is, small for very: the larger of its two ranks, ties broken at
    random."""
    ties = np.random.default_rng(seed_for(seed, "copies")).random(len(ratios))
    level: Array = np.maximum(rankdata(ratios, "min"), rankdata(volumes, "min")) + ties
    return level


def weights_of(samples: Array, held_out: Array, train: Array, seed: int) -> Array:
    """What each sample counts: less than 1 in cells where there are more samples than held-out
    examples and chance explain."""
    rng = np.random.default_rng(seed_for(seed, "cells"))
    centres = train[rng.choice(len(train), min(_CELLS, len(train)), replace=False)]
    cell, other = (nearest_neighbours(rows, centres, 1)[1][:, 0] for rows in (samples, held_out))
    drawn, held = (np.bincount(cells, minlength=len(centres)) for cells in (cell, other))
    allowed = len(samples) / len(held_out) * (held + 2 * np.sqrt(held + 1))
    return np.asarray(np.minimum(1, allowed / np.maximum(drawn, 1))[cell])


def excess(share: float, expected: float, n: int, m: int) -> MetricValue:
    """Share of samples beyond the ``expected``, with Wald's interval for a difference of shares,
    within [0, 1]."""
    half = 1.96 * np.sqrt(max(share, 1 / n) * (1 - share) / n + expected * (1 - expected) / m)
    value = share - expected
    low, middle, high = (float(np.clip(x, 0, 1)) for x in (value - half, value, value + half))
    return MetricValue(low=low, value=middle, high=high, n=n)


def mann_whitney(a: Array, b: Array) -> float:
    """Standardised U of ``a`` over ``b``, corrected for ties: below 0 where ``a`` is smaller. 0
    where all are equal."""
    n, m = len(a), len(b)
    both = np.concatenate([a, b])
    u = rankdata(both)[:n].sum() - n * (n + 1) / 2
    counts = np.unique(both, return_counts=True)[1].astype(np.float64)
    total = n + m
    variance = n * m / 12 * (total + 1 - (counts**3 - counts).sum() / (total * max(total - 1, 1)))
    return float((u - n * m / 2) / np.sqrt(variance)) if variance > 0 else 0.0
