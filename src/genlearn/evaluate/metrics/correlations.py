"""Correlations of a table: do columns move together as in real data?

The mean absolute difference of the Pearson correlations of all pairs of columns.

Pitfalls: only straight lines between two columns are seen, not what three do together; an outlier
can make or hide a correlation.
"""

from __future__ import annotations

import numpy as np

from ..metric import Metric, SetMetric
from ._distances import Array

_WIDE = 200  # columns


def correlation_distance(real: Array, fake: Array) -> float:
    """Mean absolute difference of the correlations off the diagonal, in [0, 2]; a constant column
    has none, 0; NaN for a single column.

    Of more than 200 columns, 200 that are chosen at random.
    """
    if real.shape[1] > _WIDE:
        columns = np.random.default_rng(0).permutation(real.shape[1])[:_WIDE]
        real, fake = real[:, columns], fake[:, columns]
    pairs = np.triu_indices(real.shape[1], 1)
    if not len(pairs[0]):
        return float("nan")
    return float(np.abs(_correlation(real)[pairs] - _correlation(fake)[pairs]).mean())


def _correlation(x: Array) -> Array:
    x = x - x.mean(0, dtype=np.float64)
    scale = np.sqrt(np.square(x).mean(0))
    x = np.divide(x, scale, out=np.zeros_like(x), where=scale > 1e-12 * np.abs(x).max(0, initial=0))
    return x.T @ x / len(x)


METRIC = SetMetric.single(
    Metric(
        key="correlations",
        title="Correlation distance",
        group="samples",
        better="lower",
        meaning=(
            "Do columns move together as in real data? Mean difference of the correlations over all"
            " pairs of columns."
        ),
        ideal=0.0,
        least=0.0,
    ),
    correlation_distance,
    needs="table",
    order=9,
    largest=50_000,
)
