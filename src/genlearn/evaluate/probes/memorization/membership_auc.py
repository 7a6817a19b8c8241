"""Membership: do samples tell which examples a model learned from? And do they lie nearer to those
than to new ones?"""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA

from ....core.capabilities import Array
from ....core.seeding import seed_for
from ...metric import Metric, MetricValue
from ...roc import auc_estimate
from ..knn import nearest_neighbours
from .closest_record import closest_record

_DIM = 64  # principal components

MEMBERSHIP = Metric(
    key="membership",
    title="Membership AUC",
    group="copies",
    better="neither",
    meaning=(
        "Of a training and a held-out example, how often the training example is nearer to a"
        " sample: 0.5 if samples do not tell what was learned from, more if they do."
    ),
    reference="Chen et al. 2020, arXiv 1909.03935",
    ideal=0.5,
    least=0.0,
    most=1.0,
)


def membership(samples: Array, train: Array, held_out: Array, seed: int) -> dict[str, MetricValue]:
    """AUC of telling ``train`` (N, d) from ``held_out`` (m, d) examples by their distance to the
    nearest of the ``samples`` (n, d); and which of both, if N = m, samples are nearer to.

    Distances are taken in principal components of the samples, which know neither of the two: in
    those of the training examples these would lie farther from everything than new ones do.
    """
    if not np.isfinite(samples).all():
        return {}
    state = seed_for(seed, "members") % 2**32
    pca = PCA(min(_DIM, *samples.shape), svd_solver="auto", random_state=state).fit(samples)
    drawn, known, new = (pca.transform(x) for x in (samples, train, held_out))
    near, far = (-nearest_neighbours(x, drawn, 1)[0][:, 0] for x in (known, new))
    value, error = auc_estimate(near, far)
    found = {MEMBERSHIP.key: MEMBERSHIP.figure(value, 1.96 * error, len(held_out))}
    return found | (closest_record(drawn, known, new) if len(known) == len(new) else {})
