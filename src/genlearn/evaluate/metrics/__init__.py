"""Metrics of sets: how far is what a model samples from what is real?

A metric is a pure function of two sets of examples, ``f(real, fake)``. Each file holds one family with its equation, its paper and what fools it.
Here they are put in words: every number has a `Measure`, and the three tables say which metrics apply to feature vectors (n, d), to images and to
tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..measure import Better, Measure
from .distances import Array
from .frechet import frechet
from .kernel import kid
from .manifold import Manifold, manifold
from .neighbour import nearest_neighbour_accuracy
from .sliced import mind, sliced_wasserstein
from .spectrum import radial_spectrum, spectral_distance
from .tables import correlation_distance, marginal_distance, train_on_synthetic
from .twosample import TwoSample, two_sample


@dataclass(frozen=True)
class SetMetric:
    """One function of (real, fake) that gives the numbers of ``measures``, in their order.

    It is taken on at most ``largest`` examples of each set, because some cost n^2, and needs at least ``least``. Where ``even``, on as many real
    examples as samples: what counts neighbours depends on both numbers.
    """

    measures: tuple[Measure, ...]
    function: Callable[[Array, Array], tuple[float, ...]]
    largest: int
    least: int = 8
    even: bool = False


_SHARES = ("precision", "recall", "coverage", "two-sample", "neighbour", "marginals")  # at most 1


def _measure(key: str, title: str, better: Better, meaning: str, reference: str = "", ideal: float | None = None, headline: bool = False) -> Measure:
    least, most = None if key == "kid" else 0.0, 1.0 if key in _SHARES else None
    measure = Measure(key=key, title=title, group="samples", better=better, meaning=meaning, reference=reference, ideal=ideal)
    return replace(measure, headline=headline, least=least, most=most)


def _one(measure: Measure, function: Callable[[Array, Array], float], largest: int, least: int = 8, even: bool = False) -> SetMetric:
    return SetMetric((measure,), lambda real, fake: (function(real, fake),), largest, least, even)


_FRECHET = _measure(
    "frechet",
    "Frechet distance",
    "lower",
    "Do samples have the average and the variation of real data? Zero is a perfect match; with few examples even real data scores more.",
    "Heusel et al. 2017, arXiv 1706.08500",
    0.0,
    headline=True,
)
_KID = _measure(
    "kid",
    "Kernel distance (KID)",
    "lower",
    "Like the Frechet distance, but fair to small sets: real data scores zero on average, sometimes a little below.",
    "Binkowski et al. 2018, arXiv 1801.01401",
    0.0,
)
_MIND = _measure(
    "mind",
    "Sliced distance (MIND)",
    "lower",
    "Seen along many random directions, how far must samples be moved to become real data? Steady with few samples.",
    "arXiv 2605.06797",
    0.0,
)
_PRECISION = _measure(
    "precision",
    "Precision",
    "higher",
    "Share of samples that fall where real data is: are they plausible?",
    "Kynkaanniemi et al. 2019, arXiv 1904.06991",
)
_RECALL = _measure(
    "recall",
    "Recall",
    "higher",
    "Share of real examples that fall where samples are: could the model have made them?",
    "Kynkaanniemi et al. 2019, arXiv 1904.06991",
)
_DENSITY = _measure(
    "density",
    "Density",
    "neither",
    "How densely real data surrounds the samples: real data scores 1; below, samples stray; above, they crowd at the most typical examples.",
    "Naeem et al. 2020, arXiv 2002.09797",
    1.0,
)
_COVERAGE = _measure(
    "coverage",
    "Coverage",
    "higher",
    "Share of real examples that have a sample close by: is any kind of example missing? Real data scores about 0.97.",
    "Naeem et al. 2020, arXiv 2002.09797",
    1 - 2.0**-5,
    headline=True,
)
_TWO_SAMPLE = _measure(
    "two-sample",
    "Classifier accuracy",
    "lower",
    "How often a simple classifier tells a sample from a real example: 0.5 is a coin toss, 1 means that samples give themselves away.",
    "Lopez-Paz & Oquab 2016, arXiv 1610.06545",
    0.5,
    headline=True,
)
_NEIGHBOUR = _measure(
    "neighbour",
    "Nearest-neighbour accuracy",
    "neither",
    "Is an example's nearest neighbour of its own kind, real or sampled? 0.5 is ideal; above, the two differ; below, samples copy.",
    "Lopez-Paz & Oquab 2016, arXiv 1610.06545",
    0.5,
)
_SPECTRUM = _measure(
    "spectrum",
    "Spectral distance",
    "lower",
    "Do coarse and fine detail have the right strength? Blur and checkerboard patterns show here; 1 means wrong by a factor of ten.",
    "Durall et al. 2020, arXiv 2003.01826",
    0.0,
)
_MARGINALS = _measure(
    "marginals",
    "Column distance",
    "lower",
    "Does each column on its own have the right spread of values? 0 is a perfect match, 1 means no overlap (Kolmogorov-Smirnov).",
    "Kolmogorov 1933; Smirnov 1948",
    0.0,
)
_CORRELATIONS = _measure(
    "correlations",
    "Correlation distance",
    "lower",
    "Do columns move together as in real data? Mean difference of the correlations over all pairs of columns.",
    "",
    0.0,
)

FEATURE_METRICS: tuple[SetMetric, ...] = (
    _one(_FRECHET, frechet, 50_000),
    _one(_KID, kid, 10_000),
    _one(_MIND, mind, 20_000),
    SetMetric((_PRECISION, _RECALL, _DENSITY, _COVERAGE), manifold, 5000, least=16, even=True),
    _one(_TWO_SAMPLE, lambda real, fake: two_sample(real, fake, 0).accuracy, 5000, least=16),
    _one(_NEIGHBOUR, nearest_neighbour_accuracy, 5000, even=True),
)
IMAGE_METRICS: tuple[SetMetric, ...] = (_one(_SPECTRUM, spectral_distance, 10_000),)
TABLE_METRICS: tuple[SetMetric, ...] = (
    _one(_MARGINALS, marginal_distance, 50_000),
    _one(_CORRELATIONS, correlation_distance, 50_000),
)

__all__ = [
    "FEATURE_METRICS",
    "IMAGE_METRICS",
    "TABLE_METRICS",
    "Manifold",
    "SetMetric",
    "TwoSample",
    "correlation_distance",
    "frechet",
    "kid",
    "manifold",
    "marginal_distance",
    "mind",
    "nearest_neighbour_accuracy",
    "radial_spectrum",
    "sliced_wasserstein",
    "spectral_distance",
    "train_on_synthetic",
    "two_sample",
]
