"""Classifier two-sample test: can a classifier that has learned from some examples of both sets
tell others apart?

Lopez-Paz & Oquab 2016 (arXiv 1610.06545), scored by the area under the ROC curve in place of the
accuracy, which needs no threshold:

    AUC = P(s(x) > s(y)) + P(s(x) = s(y)) / 2,    x real, y fake, both unseen, s the score,

the share of pairs of a real and a sampled example of which the classifier points at the real one:
1/2 if both sets have one distribution. Each half of the data serves once as the unseen one, and the
two areas are averaged. If there is one distribution, each area alone is distributed as Mann and
Whitney's statistic, whatever the classifier is, and p is twice the smaller of the two p-values
(Bonferroni). The two are not independent: where the first half happens to look like the second, so
does the second like the first (over 200 pairs of equal sets of 500 rows, their mean strayed 1.2
times as far as that of independent ones would). The standard error of the mean is therefore that of
fully dependent areas, the mean of both, which is on the safe side.

The classifier here is boosted regression trees on the features (Friedman 2001; scikit-learn's
histogram trees). They see steps, lattices, spikes and what columns do together, where a logistic
regression sees means and covariances: of the numeric columns of the diamonds (2,000 rows) it called
a mixture of Gaussians a coin toss, while the trees reach .99.

Pitfalls: a classifier misses what another finds, so that 1/2 is no proof; near 1 models are no
longer told apart by it; power grows with n; the interval is that of these two classifiers, not of
others that learned from other examples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import mannwhitneyu
from threadpoolctl import threadpool_limits

from ...core.seeding import seed_for
from ..metric import Metric, SetMetric
from ..roc import auc_estimate
from ._distances import Array

# (real, fake) to learn from, unseen examples of both -> their scores, higher for real
Classifier = Callable[[tuple[Array, Array], Array, int], Array]
_TREES, _LEAVES, _RATE = 40, 16, 0.2


class C2STResult(NamedTuple):
    """Area under the curve on unseen examples, its standard error, and the probability of one as
    high if the two distributions were the same."""

    auc: float
    error: float
    p: float


def c2st(real: Array, fake: Array, classifier: Classifier, seed: int = 0) -> C2STResult:
    """The test on min(n, m) examples of each set, (n, ...) and (m, ...), at least four each."""
    rng = np.random.default_rng(seed_for(seed, "two sample"))
    size = min(len(real), len(fake))
    sets = [x[rng.permutation(len(x))[:size]] for x in (real, fake)]
    halves = [[x[: size // 2] for x in sets], [x[size // 2 :] for x in sets]]
    folds = [_fold(halves[i], halves[1 - i], classifier, seed_for(seed, "fold", i)) for i in (0, 1)]
    auc, error, p = np.transpose(folds)
    return C2STResult(float(auc.mean()), float(error.mean()), min(1.0, 2 * float(p.min())))


def _fold(known: list[Array], unseen: list[Array], classifier: Classifier, seed: int) -> C2STResult:
    """One way."""
    scores = classifier((known[0], known[1]), np.concatenate(unseen), seed)
    real, fake = scores[: len(unseen[0])], scores[len(unseen[0]) :]
    p = mannwhitneyu(real, fake, alternative="greater", method="asymptotic").pvalue
    # of scores that are all equal, p is NaN
    return C2STResult(*auc_estimate(real, fake), 1.0 if np.isnan(p) else float(p))


def boosted_trees(known: tuple[Array, Array], unseen: Array, seed: int) -> Array:
    """Log odds of being real, by gradient-boosted trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    labels = np.arange(sum(map(len, known))) < len(known[0])
    trees = HistGradientBoostingClassifier(
        max_iter=_TREES,
        max_leaf_nodes=_LEAVES,
        learning_rate=_RATE,
        early_stopping=False,
        random_state=seed % 2**32,
    )
    with threadpool_limits(1):  # on few rows threads wait for one another
        trees.fit(np.concatenate(known), labels)
        return np.asarray(trees.decision_function(unseen))


def detection(key: str, title: str, who: str, classifier: Classifier, **settings: Any) -> SetMetric:
    """The test by ``classifier`` as a metric of the scoreboard; ``who`` points at the real one."""
    metric = Metric(
        key=key,
        title=title,
        group="samples",
        better="lower",
        meaning=(
            f"Of a real and a sampled example, how often {who} at the real one: 0.5 is chance, 1"
            " means that samples give themselves away."
        ),
        reference="Lopez-Paz & Oquab 2016, arXiv 1610.06545",
        ideal=0.5,
        headline=True,
        least=0.0,
        most=1.0,
    )
    return SetMetric.estimated(
        metric, lambda real, fake: c2st(real, fake, classifier)[:2], least=16, **settings
    )


METRIC = detection(
    "c2st", "Detection AUC", "boosted trees point", boosted_trees, needs="features", order=5
)
