"""Trend of a table: do pairs of columns go together as in real data, levels counted as levels?

SDMetrics' *column pair trends*: of two columns of numbers 1 - half the difference of their Pearson
correlations, of others 1 - the total variation of their joint table, averaged over all pairs
(`columns.pairs`).

Pitfalls: correlations see straight lines alone; what three columns do together is not seen; even
bins hold nearly all of a column with a heavy tail in one; a joint table of many cells differs by
chance, even for the truth.
"""

from __future__ import annotations

import numpy as np

from ..columns.pairs import pair_similarities
from ..metric import Metric, SetMetric
from ._distances import Array

_WIDE = 50  # columns


def trend(real: Array, fake: Array) -> float:
    """Mean over the pairs of columns of structured rows, in [0, 1]; NaN for a single column. Of
    more than 50 columns, 50 that are chosen at random."""
    names = list(real.dtype.names or ())
    if len(names) > _WIDE:
        some = np.random.default_rng(0).permutation(len(names))[:_WIDE]
        chosen = [names[i] for i in some]
        real, fake = real[chosen], fake[chosen]
    found = pair_similarities(real, fake)
    return float(np.mean(list(found.values()))) if found else float("nan")


METRIC = SetMetric.single(
    Metric(
        key="trend",
        title="Trend",
        group="samples",
        better="higher",
        meaning=(
            "Do pairs of columns go together as in real data? Mean likeness of correlations, or of"
            " joint tables of levels; 1 is perfect."
        ),
        reference="SDMetrics, column pair trends; docs.sdv.dev/sdmetrics",
        ideal=1.0,
        headline=True,
        least=0.0,
        most=1.0,
    ),
    trend,
    needs="columns",
    order=11,
    largest=20_000,
)
