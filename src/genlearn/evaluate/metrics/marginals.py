"""Marginals of a table: has each column on its own the right spread of values?

The Kolmogorov-Smirnov statistic sup_t |F(t) - G(t)| of each column, averaged. Kolmogorov 1933;
Smirnov 1948.

Pitfalls: perfect marginals say nothing about what columns do together, and little about the tails;
the statistic of two samples of n is about 1.2/sqrt(n) even for the truth.
"""

from __future__ import annotations

import numpy as np

from ..metric import Metric, SetMetric
from ._distances import Array


def marginal_distance(real: Array, fake: Array) -> float:
    """Mean over the columns of the Kolmogorov-Smirnov statistic of (n, d) and (m, d), in [0, 1]."""
    return float(np.mean([kolmogorov_smirnov(a, b) for a, b in zip(real.T, fake.T, strict=True)]))


def kolmogorov_smirnov(a: Array, b: Array) -> float:
    """sup_t |F(t) - G(t)| of numbers (n,) and (m,)."""
    a, b = np.sort(a), np.sort(b)
    both = np.concatenate([a, b])
    below = [np.searchsorted(x, both, side="right") / len(x) for x in (a, b)]
    return float(np.abs(below[0] - below[1]).max())


METRIC = SetMetric.single(
    Metric(
        key="marginals",
        title="Column distance",
        group="samples",
        better="lower",
        meaning=(
            "Does each column on its own have the right spread of values? 0 is a perfect match, 1"
            " means no overlap (Kolmogorov-Smirnov)."
        ),
        reference="Kolmogorov 1933; Smirnov 1948",
        ideal=0.0,
        least=0.0,
        most=1.0,
    ),
    marginal_distance,
    needs="table",
    order=8,
    largest=50_000,
)
