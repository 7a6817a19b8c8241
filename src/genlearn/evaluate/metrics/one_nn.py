"""Nearest-neighbour test: is the nearest other example of a real one real, of a sampled one
sampled?

The leave-one-out accuracy of the 1-nearest-neighbour classifier on both sets together (Lopez-Paz &
Oquab 2016, arXiv 1610.06545; Xu et al. 2018, arXiv 1806.07755): 1/2 if the sets have one
distribution, 1 if they can be told apart. Averaged over the two sets, so that 1/2 holds for unequal
sizes too; a tie counts 1/2. It has no parameters and no training.

Pitfalls: below 1/2 samples sit closer to the reference than the reference does to itself: copies;
in many dimensions it is dominated by the density of the sets (one set a bit narrower is the nearest
of both), so look at the two halves where it matters; falls with small n.
"""

from __future__ import annotations

import numpy as np

from ..metric import Metric, SetMetric
from ._distances import Array, blocks, centred, rounding


def one_nn_accuracy(real: Array, fake: Array) -> float:
    """Balanced leave-one-out accuracy in [0, 1] of (n, d) and (m, d), both of at least two."""
    real, fake = centred(real, fake)
    across_rows, across_columns = np.empty(len(real)), np.full(len(fake), np.inf)
    for rows, squared in blocks(real, fake):
        across_rows[rows] = squared.min(1)
        np.minimum(across_columns, squared.min(0), out=across_columns)
    return (_own(real, across_rows) + _own(fake, across_columns)) / 2


def _own(x: Array, other: Array) -> float:
    """Share of points that are nearer to another of their own set than to the ``other`` set, ties
    being half."""
    own = np.empty(len(x))
    for rows, squared in blocks(x, x):
        np.fill_diagonal(squared[:, rows], np.inf)
        own[rows] = squared.min(1)
    tie = np.abs(own - other) <= rounding(x, np.minimum(own, other))
    return float(np.where(tie, 0.5, own < other).mean())


METRIC = SetMetric.single(
    Metric(
        key="neighbour",
        title="Nearest-neighbour accuracy",
        group="samples",
        better="neither",
        meaning=(
            "Is an example's nearest neighbour of its own kind, real or sampled? 0.5 is ideal;"
            " above, the two differ; below, samples copy."
        ),
        reference="Lopez-Paz & Oquab 2016, arXiv 1610.06545",
        ideal=0.5,
        least=0.0,
        most=1.0,
    ),
    one_nn_accuracy,
    needs="features",
    order=6,
    even=True,
)
