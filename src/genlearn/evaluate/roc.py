r"""The area under the ROC curve: how likely an example of one kind scores higher than one of the
other.

    AUC = P(s+ > s-) + P(s+ = s-) / 2,

estimated by the share of pairs (Mann & Whitney 1947). Each example has a *placement*, the share of
the other kind that it is ranked rightly against; the variance of the AUC is that of the two means
of placements, and two scores of the same examples are compared through the covariances of theirs
(DeLong, DeLong & Clarke-Pearson 1988; by ranks, Sun & Xu 2014). The interval is taken on the scale
of log odds, which keeps it within [0, 1] and its coverage near the ends (Pepe 2003, section 5.2.4).
"""

from __future__ import annotations

from math import log, sqrt
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from ..core.capabilities import Array
from ..core.errors import UserError
from .metric import MetricValue

_Z = 1.96


class _Placements(NamedTuple):
    """Of the positive and of the negative examples, each (n,)."""

    positive: Array
    negative: Array

    @property
    def mean(self) -> float:
        return float(self.positive.mean())

    @property
    def variance(self) -> float:
        return sum(float(part.var(ddof=1)) / len(part) if len(part) > 1 else 0.25 for part in self)


def auc_estimate(higher: Array, lower: Array) -> tuple[float, float]:
    """AUC of the scores ``higher`` (n,), of those that should have the larger ones, over ``lower``
    (m,), and its standard error, which one score alone makes at least 1/2."""
    placed = _placements(
        np.concatenate([higher, lower]), np.arange(len(higher) + len(lower)) < len(higher)
    )
    return placed.mean, sqrt(placed.variance)


def auc(scores: Array, positive: Array) -> MetricValue:
    """The AUC of ``scores`` (n,), higher for those that are ``positive`` (n,), a mask, with its 95
    % interval. Raises `UserError` where all examples are of one kind."""
    placed = _placements(scores, positive)
    value, few = placed.mean, min(map(len, placed))
    if value in (0.0, 1.0):
        # no pair is out of order: the exact bound of few successes in as many trials
        bound = 0.025 ** (1 / few)
        low, high = (bound, 1.0) if value else (0.0, 1 - bound)
    else:
        half = _Z * sqrt(placed.variance) / (value * (1 - value))
        low, high = (_probability(log(value / (1 - value)) + sign * half) for sign in (-1, 1))
    return MetricValue(value, low, high, len(scores))


def auc_difference(scores: Array, other: Array, positive: Array) -> MetricValue:
    """The AUC of ``scores`` minus that of ``other``, of the same examples, with its 95 %
    interval."""
    ours, theirs = _placements(scores, positive), _placements(other, positive)
    paired = _Placements(*(a - b for a, b in zip(ours, theirs, strict=True)))
    value, half = paired.mean, _Z * sqrt(paired.variance)
    return MetricValue(value, value - half, value + half, len(scores))


def _placements(scores: Array, positive: Array) -> _Placements:
    mask, scores = np.asarray(positive, bool), np.asarray(scores, np.float64)
    m, n = int(mask.sum()), int((~mask).sum())
    if not m or not n:
        raise UserError(
            f"{m} positive and {n} other examples were given; an AUC takes some of both kinds"
        )
    ranks = rankdata(scores)
    above = (ranks[mask] - rankdata(scores[mask])) / n
    below = 1 - (ranks[~mask] - rankdata(scores[~mask])) / m
    return _Placements(above, below)


def _probability(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))
