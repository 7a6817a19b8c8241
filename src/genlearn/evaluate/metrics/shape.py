"""Shape of a table: has each column on its own the right spread of values?

SDMetrics' *column shapes*: 1 - sup_t |F(t) - G(t)| (Kolmogorov & Smirnov) of a column of numbers, 1
- half the sum of what the shares of its levels differ by (total variation) of the others, averaged.
What is missing is a level, and left out of numbers.

Pitfalls: perfect shapes say nothing about what columns do together; the mean hides one bad column
among many good ones; two samples of n differ by about 1.2/sqrt(n) even for the truth, and by more
where a column has many levels.
"""

from __future__ import annotations

import numpy as np

from ..columns.kinds import columns_of, is_number, overlap
from ..metric import Metric, SetMetric
from ._distances import Array
from .marginals import kolmogorov_smirnov


def shape(real: Array, fake: Array) -> float:
    """Mean over the columns of structured rows, in [0, 1]; NaN where nothing is there."""
    pairs = zip(columns_of(real), columns_of(fake), strict=True)
    found = [_similarity(a, b) for a, b in pairs]
    known = [one for one in found if np.isfinite(one)]
    return float(np.mean(known)) if known else float("nan")


def _similarity(a: Array, b: Array) -> float:
    if not is_number(a):
        return overlap(a, b)
    a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    if not len(a) or not len(b):
        return 0.0 if len(a) or len(b) else float("nan")
    return 1 - kolmogorov_smirnov(a, b)


METRIC = SetMetric.single(
    Metric(
        key="shape",
        title="Shape",
        group="samples",
        better="higher",
        meaning=(
            "Does each column on its own have the right spread? Mean of 1 - Kolmogorov-Smirnov, or"
            " total variation of levels; 1 is perfect."
        ),
        reference="SDMetrics, column shapes; docs.sdv.dev/sdmetrics",
        ideal=1.0,
        headline=True,
        least=0.0,
        most=1.0,
    ),
    shape,
    needs="columns",
    order=10,
    largest=50_000,
)
