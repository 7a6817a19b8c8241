r"""Memorisation: are some samples copies of training examples?

A sample that lies near a training example is no copy for that alone: where data is dense,
everything does. A copy is near *one* training example and not equally near to the next ones. With
d_1 <= d_2 <= ... the distances to the training examples (equal ones counted once), the ratio

    r = d_1 / mean(d_2 .. d_6)

has no scale, so it accuses neither blurry samples nor samples of dense regions. It has a dimension,
though: in a region of intrinsic dimension D the share of examples with r < t grows as t^D, and an
honest model that draws too much from a region of small D would have too many small r. So a second
statistic takes the dimension out. By Levina & Bickel's (2004) estimate D = 1 / mean_{j=2}^{20}
log(d_21 / d_j), and

    v = r^D,

about the share of the neighbourhood's volume in which no other training example lies. v in turn is
too small where D is overestimated, which is far from the data, where r is near 1. A suspect must be
small in both: examples are ordered by level = max(rank of r, rank of v), ranked among samples and
held-out examples together.

**The null is measured, not assumed.** If the model has learned the distribution and copied nothing,
its samples and the held-out examples are exchangeable given the training set. The number C of the n
samples whose level is below the j-th smallest of the m held-out ones then has

    P(C >= c) = P(at most j - 1 held-out examples among the lowest c + j - 1) = H(j - 1; n + m, m, c
    + j - 1),

H the distribution function of the hypergeometric distribution, exactly and for any data. Taken at j
= 1, 1 % and 5 % of m, and for the number with r = 0 (Fisher's exact test); p is the least of the
four times four. Duplicates across the split, which real data has, are part of the null. A threshold
counts only where at least twice the expected share lies below it: less tells of a distribution a
little different, not of copies. And a model that honestly draws one class alone must not be accused
because that class is crowded: space is cut into the Voronoi cells of some training examples, and
where a cell has more samples than its held-out examples and chance explain, they count as no more
than that.

**The other figure** is that of Meehan, Chaudhuri & Dasgupta 2020, "A non-parametric test to detect
data-copying in generative models", arXiv 2004.05675: the Mann-Whitney z of d_1, samples against
held-out examples, here over the whole space. z << 0: samples lie nearer to the training set than
new data does.

**Pitfalls.** z is not evidence by itself: blurry samples lie near the mean and so near everything,
and have z << 0 without any copy; noise and z > 0 hide copies. The ratio sees copies in the features
it is given: a shifted or recoloured copy is one only in features that do not mind. A training
example that has near-duplicates hides its own copies, unless they are exact. Few samples cannot
prove rare copying: c copies among n = m stand out from c = 9 on. And p < 0.01 accuses one honest
model in a hundred at most -- not in none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import UserError
from ..metric import Metric, MetricValue
from .knn import nearest_neighbours
from .memorization_tests import _excess, _least, _levels, _mann_whitney, _tests, _weights

Array = NDArray[Any]

ACCUSED = 0.01
_RATIO, _DIMENSION = 6, 21  # neighbours that r and D look at
_EQUAL = 1e-6  # a ratio below is rounding: the rows are equal
_LARGEST = 1000.0  # dimension; data on a lattice has equal distances and would have an infinite one

METRICS = (
    Metric(
        key="copies_p",
        title="Copies: p-value",
        group="copies",
        better="neither",
        meaning=(
            "Chance that a model which copies nothing has this many samples suspiciously close to a"
            " single training example; below 0.01 accuses."
        ),
        reference=(
            "hypergeometric tail of nearest-neighbour distance ratios, samples against held-out"
            " data"
        ),
    ),
    Metric(
        key="copies_share",
        title="Copies: share",
        group="copies",
        better="lower",
        meaning=(
            "Share of samples that are suspected copies of training examples, beyond the share that"
            " held-out data would show."
        ),
        ideal=0.0,
    ),
    Metric(
        key="copies_z",
        title="Closeness to training data",
        group="copies",
        better="neither",
        meaning=(
            "Standard deviations by which samples lie farther from the training data than new data"
            " does; far below 0 is overfitting, or blur."
        ),
        reference="Meehan, Chaudhuri & Dasgupta 2020, arXiv 2004.05675",
        ideal=0.0,
    ),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class MemorizationReport:
    """What was found. ``nearest`` (n,) is each sample's nearest training example, ``ratios`` (n,)
    its r, and ``suspects`` the samples that are probably copies, the most certain first: empty
    unless the model is ``accused``. ``share`` and ``z`` as in the module's text."""

    accused: bool
    p: float
    share: MetricValue
    z: float
    suspects: Array = field(repr=False)
    nearest: Array = field(repr=False)
    ratios: Array = field(repr=False)
    held_out: int
    train: int

    def closest(self, count: int) -> Array:
        """The ``count`` samples of smallest ratio, suspects or not, to be shown beside their
        nearest training examples."""
        return np.argsort(self.ratios, kind="stable")[:count]

    def figures(self) -> dict[str, MetricValue]:
        n = len(self.ratios)
        return {
            "copies_p": MetricValue(self.p, self.p, self.p, n),
            "copies_share": self.share,
            "copies_z": MetricValue(self.z, self.z - 1.96, self.z + 1.96, n),
        }

    def to_json(self) -> dict[str, Any]:
        found = [
            {"sample": int(i), "train": int(self.nearest[i]), "ratio": float(self.ratios[i])}
            for i in self.suspects
        ]
        sizes = {"n": len(self.ratios), "held_out": self.held_out, "train": self.train}
        return {
            "accused": self.accused,
            "p": self.p,
            "suspects": len(found),
            "share": self.share.to_json(),
            "z": self.z,
            **sizes,
            "found": found,
        }


def memorization_report(
    samples: Array, train: Array, held_out: Array, seed: int
) -> MemorizationReport:
    """Compare ``samples`` (n, d) with ``held_out`` (m, d) in their closeness to all of ``train``
    (N, d); columns must be of comparable scale.

    Images: pixels, or their first principal components where they are many. ``seed`` breaks ties.
    Raises `UserError` on empty or unlike arrays.
    """
    samples, train, held_out = _checked(samples, train, held_out)
    first = _distinct(train)
    distances, indices = nearest_neighbours(
        np.concatenate([samples, held_out]), train[first], _DIMENSION
    )
    n, ratios = len(samples), _ratios(distances)
    level = _levels(ratios, _volumes(ratios, distances), seed)
    p, chosen, expected = _least(
        _tests(ratios, level, _weights(samples, held_out, train[first], seed), n)
    )
    accused = bool(p < ACCUSED)
    suspects = (
        chosen[np.argsort(ratios[chosen], kind="stable")] if accused else np.empty(0, np.int64)
    )
    return MemorizationReport(
        accused=accused,
        p=p,
        share=_excess(len(chosen) / n, expected, n, len(held_out)),
        z=_mann_whitney(distances[:n, 0], distances[n:, 0]),
        suspects=suspects,
        nearest=first[indices[:n, 0]],
        ratios=ratios[:n],
        held_out=len(held_out),
        train=len(train),
    )


def _checked(*arrays: Array) -> list[Array]:
    """The arrays as float64 rows; -0 counts as 0."""
    rows = [np.asarray(array, np.float64) + 0.0 for array in arrays]
    if (
        any(row.ndim != 2 or not len(row) for row in rows)
        or len({row.shape[1] for row in rows}) > 1
    ):
        raise UserError(
            f"samples, training and held-out features have shapes {[r.shape for r in rows]}; give"
            " (n, d) with rows and the same d"
        )
    if not all(np.isfinite(row).all() for row in rows):
        raise UserError(
            "features hold NaN or infinite values; a model that samples them cannot be audited"
        )
    return rows


def _distinct(rows: Array) -> Array:
    """Index of the first of each group of equal rows."""
    seen: dict[bytes, int] = {}
    for i, row in enumerate(np.ascontiguousarray(rows)):
        seen.setdefault(hashlib.blake2b(row.data, digest_size=16).digest(), i)
    return np.fromiter(seen.values(), np.int64)


def _ratios(distances: Array) -> Array:
    """r of each row of ``distances`` (n, k), near to far; 1 where the training set has a single
    row, which is not that of the example."""
    others = distances[:, 1:_RATIO].mean(1) if distances.shape[1] > 1 else distances[:, 0]
    ratio = np.divide(distances[:, 0], others, out=np.zeros(len(distances)), where=others > 0)
    return np.asarray(np.where(ratio < _EQUAL, 0.0, ratio))


def _volumes(ratios: Array, distances: Array) -> Array:
    """log v = D log r of each row; -inf where r = 0."""
    with np.errstate(divide="ignore"):
        log_ratio = np.log(ratios)
    if distances.shape[1] < 4:
        return log_ratio
    spread = np.log(distances[:, -1:] / distances[:, 1:-1]).mean(1)
    return np.asarray(log_ratio / np.maximum(spread, 1 / _LARGEST))
