"""Tables: are the columns right, are they right together, and is a sample as useful as data?

*Marginals*: the Kolmogorov-Smirnov statistic sup_t |F(t) - G(t)| of each column, averaged. *Correlations*: the mean absolute difference of the
Pearson correlations of all pairs of columns. *Train on synthetic, test on real* (Esteban et al. 2017, arXiv 1706.02633): a regressor learns a
column from the others on samples, and on real rows, and both are judged on other real rows.

Pitfalls: perfect marginals and correlations say nothing about the tails or about what three columns do together; KS of two samples of n is about
1.2/sqrt(n) even for the truth; usefulness rewards copies of the training rows, which only a test for copies shows.
"""

from __future__ import annotations

import numpy as np

from ...core.random import derive
from .distances import Array

_TARGETS = 5
_WIDE = 200  # columns
_ROWS = 5000
_WORST = -1.0  # an R^2 below it is as useless as any other


def marginal_distance(real: Array, fake: Array) -> float:
    """Mean over the columns of the Kolmogorov-Smirnov statistic of (n, d) and (m, d), in [0, 1]."""
    return float(np.mean([_kolmogorov_smirnov(a, b) for a, b in zip(real.T, fake.T, strict=True)]))


def correlation_distance(real: Array, fake: Array) -> float:
    """Mean absolute difference of the correlations off the diagonal, in [0, 2]; a constant column has none, 0; NaN for a single column.

    Of more than 200 columns, 200 that are chosen at random.
    """
    if real.shape[1] > _WIDE:
        columns = np.random.default_rng(0).permutation(real.shape[1])[:_WIDE]
        real, fake = real[:, columns], fake[:, columns]
    pairs = np.triu_indices(real.shape[1], 1)
    if not len(pairs[0]):
        return float("nan")
    return float(np.abs(_correlation(real)[pairs] - _correlation(fake)[pairs]).mean())


def train_on_synthetic(real_train: Array, fake: Array, real_test: Array, seed: int = 0) -> float:
    """R^2 on ``real_test`` of what was learnt from ``fake``, minus that of what was learnt from ``real_train``.

    0 = samples are as good as real data, negative = worse. Mean over up to five columns as targets, chosen by ``seed`` among those that vary in
    ``real_test``. An R^2 below -1 counts as -1. Both learn from the same number of rows, at most 5,000. NaN where there is nothing to learn: fewer
    than two columns, or constant ones.
    """
    rng = np.random.default_rng(derive(seed, "train on synthetic"))
    varying = np.flatnonzero(np.ptp(real_test, axis=0) > 0)
    if real_test.shape[1] < 2 or not len(varying):
        return float("nan")
    if real_test.shape[1] > _WIDE:
        columns = rng.permutation(real_test.shape[1])[:_WIDE]
        return train_on_synthetic(real_train[:, columns], fake[:, columns], real_test[:, columns], seed)
    targets = rng.permutation(varying)[:_TARGETS]
    size = min(len(real_train), len(fake), _ROWS)
    learners = [x[rng.permutation(len(x))[:size]] for x in (fake, real_train)]
    scores = [[_learnt(rows, real_test, int(column)) for column in targets] for rows in learners]
    return float(np.mean(scores[0]) - np.mean(scores[1]))


def _kolmogorov_smirnov(a: Array, b: Array) -> float:
    a, b = np.sort(a), np.sort(b)
    both = np.concatenate([a, b])
    below = [np.searchsorted(x, both, side="right") / len(x) for x in (a, b)]
    return float(np.abs(below[0] - below[1]).max())


def _correlation(x: Array) -> Array:
    x = x - x.mean(0, dtype=np.float64)
    scale = np.sqrt(np.square(x).mean(0))
    x = np.divide(x, scale, out=np.zeros_like(x), where=scale > 1e-12 * np.abs(x).max(0, initial=0))
    return x.T @ x / len(x)


def _learnt(rows: Array, test: Array, column: int) -> float:
    """R^2 on ``test`` of a regressor of ``column`` on the others that was fitted to ``rows``."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(max_iter=40, max_leaf_nodes=8, learning_rate=0.2, early_stopping=False, random_state=0)
    model.fit(np.delete(rows, column, axis=1), rows[:, column])
    return max(_WORST, float(model.score(np.delete(test, column, axis=1), test[:, column])))
