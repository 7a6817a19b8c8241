"""Usefulness: is a sampled table as good to learn from as real rows?

*Train on synthetic, test on real* (Esteban et al. 2017, arXiv 1706.02633): a regressor learns a
column from the others on samples, and on real rows, and both are judged on other real rows.

Pitfalls: usefulness rewards copies of the training rows, which only a test for copies shows; few
columns are asked about, and only those that can be predicted tell anything.
"""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from ...core.capabilities import Array
from ...core.seeding import seed_for
from ..metric import Metric

USEFULNESS = Metric(
    key="synthetic",
    title="Usefulness",
    group="samples",
    better="higher",
    meaning=(
        "How well columns are predicted from the others after learning from samples instead of real"
        " rows: 0 is as well, below is worse."
    ),
    reference="train on synthetic, test on real; Esteban et al. 2017, arXiv 1706.02633",
    unit="R2 difference",
    ideal=0.0,
)

_TARGETS = 5
_TREES, _LEAVES, _RATE = 40, 8, 0.2
_WIDE = 200  # columns
_ROWS = 5000
_WORST = -1.0  # an R^2 below it is as useless as any other


def train_on_synthetic(real_train: Array, fake: Array, real_test: Array, seed: int = 0) -> float:
    """R^2 on ``real_test`` of what was learnt from ``fake``, minus that of what was learnt from
    ``real_train``.

    0 = samples are as good as real data, negative = worse. Mean over up to five columns as targets,
    chosen by ``seed`` among those that vary in ``real_test``. An R^2 below -1 counts as -1. Both
    learn from the same number of rows, at most 5,000. NaN where there is nothing to learn: fewer
    than two columns, or constant ones.
    """
    rng = np.random.default_rng(seed_for(seed, "train on synthetic"))
    varying = np.flatnonzero(np.ptp(real_test, axis=0) > 0)
    if real_test.shape[1] < 2 or not len(varying):
        return float("nan")
    if real_test.shape[1] > _WIDE:
        columns = rng.permutation(real_test.shape[1])[:_WIDE]
        return train_on_synthetic(
            real_train[:, columns], fake[:, columns], real_test[:, columns], seed
        )
    targets = rng.permutation(varying)[:_TARGETS]
    size = min(len(real_train), len(fake), _ROWS)
    learners = [x[rng.permutation(len(x))[:size]] for x in (fake, real_train)]
    scores = [[_learnt(rows, real_test, int(column)) for column in targets] for rows in learners]
    return float(np.mean(scores[0]) - np.mean(scores[1]))


def _learnt(rows: Array, test: Array, column: int) -> float:
    """R^2 on ``test`` of a regressor of ``column`` on the others that was fitted to ``rows``."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(
        max_iter=_TREES,
        max_leaf_nodes=_LEAVES,
        learning_rate=_RATE,
        early_stopping=False,
        random_state=0,
    )
    with threadpool_limits(1):  # on few rows threads wait for one another
        model.fit(np.delete(rows, column, axis=1), rows[:, column])
        score = model.score(np.delete(test, column, axis=1), test[:, column])
    return max(_WORST, float(score))
