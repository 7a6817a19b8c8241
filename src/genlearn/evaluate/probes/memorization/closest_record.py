r"""Distance to the closest record (DCR): do samples lie nearer to training than to new examples?

Given as many training as held-out examples, each sample has one of them nearest to it. A model that
learned the distribution alone treats both kinds alike, so that

    share = (1/n) sum_r n_r t_r

is 1/2 in the mean; n_r counts the samples nearest to example r, and t_r is 1 where r is of the
training set. Samples with the same nearest example are decided by one coin, t_r, so that they count
as one cluster (Liang & Zeger 1986): var = (1/n^2) sum_r n_r^2 (t_r - share)^2.

Equally near examples, as tables have them, share a sample evenly.
"""

from __future__ import annotations

import numpy as np

from ....core.capabilities import Array
from ...metric import Metric, MetricValue
from ..knn import nearest_neighbours

CLOSEST_RECORD = Metric(
    key="closest_record",
    title="Nearer to training data",
    group="copies",
    better="neither",
    meaning=(
        "Of as many training as held-out examples, how often the one nearest to a sample is of the"
        " training: 0.5 if samples favour neither, 1 if all are copies."
    ),
    reference="distance to the closest record, as SDMetrics' DCROverfittingProtection has it",
    ideal=0.5,
    least=0.0,
    most=1.0,
)


def closest_record(samples: Array, train: Array, held_out: Array) -> dict[str, MetricValue]:
    """How often one of ``train`` (m, d) is nearer to a sample (n, d) than all ``held_out`` (m, d).

    The variance is at least that of one cluster more, so that no interval is empty.
    """
    (known, first), (new, second) = (nearest_neighbours(samples, x, 1) for x in (train, held_out))
    won = np.where(known < new, 1.0, np.where(known > new, 0.0, 0.5))[:, 0]
    nearest = np.where(known <= new, first, len(train) + second)[:, 0]
    share = float(won.mean())
    each = np.bincount(nearest, weights=won - share)
    largest = np.bincount(nearest).max()
    error = np.sqrt(np.square(each).sum() + largest**2 / 4) / len(samples)
    return {CLOSEST_RECORD.key: CLOSEST_RECORD.figure(share, 1.96 * float(error), len(samples))}
