r"""Memorisation: are some samples copies of training examples?

A sample that lies near a training example is no copy for that alone: where data is dense, everything does. A copy is near *one* training example and
not equally near to the next ones. With d_1 <= d_2 <= ... the distances to the training examples (equal ones counted once), the ratio

    r = d_1 / mean(d_2 .. d_6)

has no scale, so it accuses neither blurry samples nor samples of dense regions. It has a dimension, though: in a region of intrinsic dimension D the
share of examples with r < t grows as t^D, and an honest model that draws too much from a region of small D would have too many small r. So a
second statistic takes the dimension out. By Levina & Bickel's (2004) estimate D = 1 / mean_{j=2}^{20} log(d_21 / d_j), and

    v = r^D,

about the share of the neighbourhood's volume in which no other training example lies. v in turn is too small where D is overestimated, which is
far from the data, where r is near 1. A suspect must be small in both: examples are ordered by level = max(rank of r, rank of v), ranked among
samples and held-out examples together.

**The null is measured, not assumed.** If the model has learned the distribution and copied nothing, its samples and the held-out examples are
exchangeable given the training set. The number C of the n samples whose level is below the j-th smallest of the m held-out ones then has

    P(C >= c) = P(at most j - 1 held-out examples among the lowest c + j - 1) = H(j - 1; n + m, m, c + j - 1),

H the distribution function of the hypergeometric distribution, exactly and for any data. Taken at j = 1, 1 % and 5 % of m, and for the number with
r = 0 (Fisher's exact test); p is the least of the four times four. Duplicates across the split, which real data has, are part of the null. A
threshold counts only where at least twice the expected share lies below it: less tells of a distribution a little different, not of copies.
And a model that honestly draws one class alone must not be accused because that class is crowded: space is cut into the Voronoi cells of some
training examples, and where a cell has more samples than its held-out examples and chance explain, they count as no more than that.

**The other figure** is that of Meehan, Chaudhuri & Dasgupta 2020, "A non-parametric test to detect data-copying in generative models", arXiv
2004.05675: the Mann-Whitney z of d_1, samples against held-out examples, here over the whole space. z << 0: samples lie nearer to the training set
than new data does.

**Pitfalls.** z is not evidence by itself: blurry samples lie near the mean and so near everything, and have z << 0 without any copy; noise
and z > 0 hide copies. The ratio sees copies in the features it is given: a shifted or recoloured copy is one only in features that do not
mind. A training example that has near-duplicates hides its own copies, unless they are exact. Few samples cannot prove rare copying:
c copies among n = m stand out from c = 9 on. And p < 0.01 accuses one honest model in a hundred at most -- not in none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom, rankdata

from ..core.errors import UserError
from ..core.random import derive
from .measure import Figure, Measure
from .nearest import nearest

Array = NDArray[Any]

ACCUSED = 0.01
_RATIO, _DIMENSION = 6, 21  # neighbours that r and D look at
_EQUAL = 1e-6  # a ratio below is rounding: the rows are equal
_LARGEST = 1000.0  # dimension; data on a lattice has equal distances and would have an infinite one
_SHARES = (0.01, 0.05)  # of the held-out examples: thresholds beside the smallest of all
_TWICE = 2
_CELLS = 32
_ROUNDING = 1e-9

MEASURES = (
    Measure(
        key="copies_p",
        title="Copies: p-value",
        group="copies",
        better="neither",
        meaning="Chance that a model which copies nothing has this many samples suspiciously close to a single training example; below 0.01 accuses.",
        reference="hypergeometric tail of nearest-neighbour distance ratios, samples against held-out data",
    ),
    Measure(
        key="copies_share",
        title="Copies: share",
        group="copies",
        better="lower",
        meaning="Share of samples that are suspected copies of training examples, beyond the share that held-out data would show.",
        ideal=0.0,
    ),
    Measure(
        key="copies_z",
        title="Closeness to training data",
        group="copies",
        better="neither",
        meaning="Standard deviations by which samples lie farther from the training data than new data does; far below 0 is overfitting, or blur.",
        reference="Meehan, Chaudhuri & Dasgupta 2020, arXiv 2004.05675",
        ideal=0.0,
    ),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Audit:
    """What was found. ``nearest`` (n,) is each sample's nearest training example, ``ratios`` (n,) its r, and ``suspects`` the samples that are
    probably copies, the most certain first: empty unless the model is ``accused``. ``share`` and ``z`` as in the module's text."""

    accused: bool
    p: float
    share: Figure
    z: float
    suspects: Array = field(repr=False)
    nearest: Array = field(repr=False)
    ratios: Array = field(repr=False)
    held_out: int
    train: int

    def closest(self, count: int) -> Array:
        """The ``count`` samples of smallest ratio, suspects or not, to be shown beside their nearest training examples."""
        return np.argsort(self.ratios, kind="stable")[:count]

    def figures(self) -> dict[str, Figure]:
        n = len(self.ratios)
        return {
            "copies_p": Figure(self.p, self.p, self.p, n),
            "copies_share": self.share,
            "copies_z": Figure(self.z, self.z - 1.96, self.z + 1.96, n),
        }

    def to_json(self) -> dict[str, Any]:
        found = [{"sample": int(i), "train": int(self.nearest[i]), "ratio": float(self.ratios[i])} for i in self.suspects]
        sizes = {"n": len(self.ratios), "held_out": self.held_out, "train": self.train}
        return {"accused": self.accused, "p": self.p, "suspects": len(found), "share": self.share.to_json(), "z": self.z, **sizes, "found": found}


def audit(samples: Array, train: Array, held_out: Array, seed: int) -> Audit:
    """Compare ``samples`` (n, d) with ``held_out`` (m, d) in their closeness to all of ``train`` (N, d); columns must be of comparable scale.

    Images: pixels, or their first principal components where they are many. ``seed`` breaks ties. Raises `UserError` on empty or unlike arrays.
    """
    samples, train, held_out = _checked(samples, train, held_out)
    first = _distinct(train)
    distances, indices = nearest(np.concatenate([samples, held_out]), train[first], _DIMENSION)
    n, ratios = len(samples), _ratios(distances)
    level = _levels(ratios, _volumes(ratios, distances), seed)
    p, chosen, expected = _least(_tests(ratios, level, _weights(samples, held_out, train[first], seed), n))
    accused = bool(p < ACCUSED)
    suspects = chosen[np.argsort(ratios[chosen], kind="stable")] if accused else np.empty(0, np.int64)
    return Audit(
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
    if any(row.ndim != 2 or not len(row) for row in rows) or len({row.shape[1] for row in rows}) > 1:
        raise UserError(f"samples, training and held-out features have shapes {[r.shape for r in rows]}; give (n, d) with rows and the same d")
    if not all(np.isfinite(row).all() for row in rows):
        raise UserError("features hold NaN or infinite values; a model that samples them cannot be audited")
    return rows


def _distinct(rows: Array) -> Array:
    """Index of the first of each group of equal rows."""
    seen: dict[bytes, int] = {}
    for i, row in enumerate(np.ascontiguousarray(rows)):
        seen.setdefault(hashlib.blake2b(row.data, digest_size=16).digest(), i)
    return np.fromiter(seen.values(), np.int64)


def _ratios(distances: Array) -> Array:
    """r of each row of ``distances`` (n, k), near to far; 1 where the training set has a single row, which is not that of the example."""
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


def _levels(ratios: Array, volumes: Array, seed: int) -> Array:
    """How suspicious each example is, small for very: the larger of its two ranks, ties broken at random."""
    ties = np.random.default_rng(derive(seed, "copies")).random(len(ratios))
    level: Array = np.maximum(rankdata(ratios, "min"), rankdata(volumes, "min")) + ties
    return level


def _weights(samples: Array, held_out: Array, train: Array, seed: int) -> Array:
    """What each sample counts: less than 1 in cells where there are more samples than held-out examples and chance explain."""
    rng = np.random.default_rng(derive(seed, "cells"))
    centres = train[rng.choice(len(train), min(_CELLS, len(train)), replace=False)]
    cell, other = (nearest(rows, centres, 1)[1][:, 0] for rows in (samples, held_out))
    drawn, held = (np.bincount(cells, minlength=len(centres)) for cells in (cell, other))
    allowed = len(samples) / len(held_out) * (held + 2 * np.sqrt(held + 1))
    return np.asarray(np.minimum(1, allowed / np.maximum(drawn, 1))[cell])


def _tests(ratios: Array, level: Array, weights: Array, n: int) -> list[tuple[float, Array, float]]:
    """(p, indices of the samples below the threshold, share of the held-out below it) of each threshold, the strictest first."""
    m = len(level) - n
    equal, equal_held = np.flatnonzero(ratios[:n] == 0), int((ratios[n:] == 0).sum())
    count = int(weights[equal].sum() + _ROUNDING)
    tests = [(float(hypergeom.sf(count - 1, n + m, count + equal_held, n)), equal, equal_held / m)]
    bounds = np.sort(level[n:])
    for j in (1, *(max(1, round(share * m)) for share in _SHARES)):
        below = np.flatnonzero(level[:n] < bounds[j - 1])
        count = int(weights[below].sum() + _ROUNDING)
        tests.append((float(hypergeom.cdf(j - 1, n + m, m, count + j - 1)), below, j / m))
    return [(p if weights[below].sum() >= _TWICE * expected * n else 1.0, below, expected) for p, below, expected in tests]


def _least(tests: list[tuple[float, Array, float]]) -> tuple[float, Array, float]:
    """The test of least p, which is corrected for the choice (Bonferroni)."""
    p, chosen, expected = min(tests, key=lambda test: test[0])
    return min(1.0, p * len(tests)), chosen, expected


def _excess(share: float, expected: float, n: int, m: int) -> Figure:
    """Share of samples beyond the ``expected``, with Wald's interval for a difference of shares, within [0, 1]."""
    half = 1.96 * np.sqrt(max(share, 1 / n) * (1 - share) / n + expected * (1 - expected) / m)
    value = share - expected
    low, middle, high = (float(np.clip(x, 0, 1)) for x in (value - half, value, value + half))
    return Figure(low=low, value=middle, high=high, n=n)


def _mann_whitney(a: Array, b: Array) -> float:
    """Standardised U of ``a`` over ``b``, corrected for ties: below 0 where ``a`` is smaller. 0 where all are equal."""
    n, m = len(a), len(b)
    both = np.concatenate([a, b])
    u = rankdata(both)[:n].sum() - n * (n + 1) / 2
    counts = np.unique(both, return_counts=True)[1].astype(np.float64)
    total = n + m
    variance = n * m / 12 * (total + 1 - (counts**3 - counts).sum() / (total * max(total - 1, 1)))
    return float((u - n * m / 2) / np.sqrt(variance)) if variance > 0 else 0.0
