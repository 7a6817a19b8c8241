"""Classifier two-sample test: can a classifier that has seen half of both sets tell the other half
apart?

Lopez-Paz & Oquab 2016 (arXiv 1610.06545). Accuracy on unseen examples is 1/2 if both sets have one
distribution. Given what the classifier says of the 2n unseen examples, of which it calls a real,
the number h of real ones among these is hypergeometric under that hypothesis, whatever the
classifier is: p = P(H >= h) is the exact permutation p-value (Fisher's exact test). Each half
serves once as the unseen one: the accuracy is the mean of both, p is twice the smaller
(Bonferroni).

The classifier is a logistic regression on the standardised features, their squares and the products
of their first principal components, so that it sees means, variances and the main correlations.

Pitfalls: a weak classifier misses what a strong one finds: 1/2 is no proof; on pixels almost any
model is found out (near 1, no ranking); accuracy grows with n.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from scipy.stats import hypergeom

from ...core.seeding import seed_for
from ..metric import Metric, SetMetric
from ._distances import Array

_COMPONENTS = 8
_PENALTY = 0.005  # scikit-learn's C


class C2STResult(NamedTuple):
    """Accuracy on unseen examples, and the probability of one as high if the two distributions were
    the same."""

    accuracy: float
    p: float


def c2st(real: Array, fake: Array, seed: int = 0) -> C2STResult:
    """Learn from a half and test on the other, both ways around, on min(n, m) examples of each set,
    (n, d) and (m, d); at least four each."""
    rng = np.random.default_rng(seed_for(seed, "two sample"))
    size = min(len(real), len(fake))
    sets = [x[rng.permutation(len(x))[:size]].astype(np.float64) for x in (real, fake)]
    first, second = (
        np.concatenate([x[part] for x in sets])
        for part in (slice(0, size // 2), slice(size // 2, None))
    )
    folds = [_test(first, second), _test(second, first)]
    return C2STResult(
        float(np.mean([fold.accuracy for fold in folds])),
        min(1.0, 2 * min(fold.p for fold in folds)),
    )


def _test(train: Array, unseen: Array) -> C2STResult:
    """One way; the first half of either array is real."""
    says_real, n = _classify(train, unseen), len(unseen) // 2
    right, called = int(says_real[:n].sum()), int(says_real.sum())
    return C2STResult(
        (2 * right + n - called) / (2 * n), float(hypergeom.sf(right - 1, 2 * n, called, n))
    )


def _classify(train: Array, unseen: Array) -> Array:
    """True where an unseen example is called real; the first half of ``train`` is."""
    from sklearn.linear_model import LogisticRegression

    a, b = _features(train, unseen)
    labels = np.arange(len(a)) < len(a) // 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence: the test is valid for any direction
        model = LogisticRegression(C=_PENALTY, solver="newton-cholesky", max_iter=12, tol=1e-3).fit(
            a, labels
        )
    return np.asarray(model.predict(b), dtype=bool)


def _features(train: Array, unseen: Array) -> tuple[Array, Array]:
    """Features, their squares and the products of their first principal components, standardised,
    all fitted to ``train``."""
    sets = _standardise(train, unseen)
    axes = np.linalg.eigh(sets[0].T @ sets[0])[1][:, ::-1][:, :_COMPONENTS]
    one, other = np.triu_indices(axes.shape[1])
    components = [x @ axes for x in sets]
    return _standardise(
        *(
            np.hstack([x, x * x, c[:, one] * c[:, other]])
            for x, c in zip(sets, components, strict=True)
        )
    )


def _standardise(train: Array, unseen: Array) -> tuple[Array, Array]:
    mean, scale = train.mean(0), train.std(0)
    # constant, up to rounding: leaves no feature
    scale[scale <= 1e-9 * np.abs(mean) + 1e-300] = np.inf
    return (train - mean) / scale, (unseen - mean) / scale


METRIC = SetMetric.single(
    Metric(
        key="two-sample",
        title="Classifier accuracy",
        group="samples",
        better="lower",
        meaning=(
            "How often a simple classifier tells a sample from a real example: 0.5 is a coin toss,"
            " 1 means that samples give themselves away."
        ),
        reference="Lopez-Paz & Oquab 2016, arXiv 1610.06545",
        ideal=0.5,
        headline=True,
        least=0.0,
        most=1.0,
    ),
    lambda real, fake: c2st(real, fake, 0).accuracy,
    needs="features",
    order=5,
    least=16,
)
