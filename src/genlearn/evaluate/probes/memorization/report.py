"""The audit: samples, training and held-out examples in, suspects and figures out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....core.errors import UserError
from ...metric import Metric, MetricValue
from .closeness import Closeness, closeness
from .hypothesis_tests import Kind, excess, findings, least, mann_whitney, weights_of

Array = NDArray[Any]

ACCUSED = 0.01
_PLACED: tuple[Kind, ...] = ("copies", "interpolations")  # found by where examples lie

REPORTED = (
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
        better="neither",
        meaning=(
            "Share of samples that are suspected copies of training examples, beyond the share that"
            " held-out data would show."
        ),
        headline=True,
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
    its r, and ``suspects`` the samples that are probably copies of a ``kind``, the most certain
    first: empty unless the model is ``accused``. ``z`` as in the package's text."""

    accused: bool
    kind: Kind
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
            "kind": self.kind,
            "p": self.p,
            "suspects": len(found),
            "share": self.share.to_json(),
            "z": self.z,
            **sizes,
            "found": found,
        }


def memorization_report(
    samples: Array,
    train: Array,
    held_out: Array,
    seed: int,
    moved: tuple[Array, Array, Array] | None = None,
) -> MemorizationReport:
    """Compare ``samples`` (n, d) with ``held_out`` (m, d) in their closeness to all of ``train``
    (N, d); columns must be of comparable scale.

    Images: pixels, or their first principal components where they are many, and as ``moved`` the
    same three in features that do not mind where in the image things are. ``seed`` breaks ties.
    Raises `UserError` on empty or unlike arrays.
    """
    samples, train, held_out = _checked(samples, train, held_out)
    first = _distinct(train)
    weights = weights_of(samples, held_out, train[first], seed)
    places, n = closeness(np.concatenate([samples, held_out]), train[first]), len(samples)
    nearest = dict.fromkeys(_PLACED, first[places.index[:n]])
    tests = findings(places, weights, n, seed)
    if moved is not None:
        other, nearest["moved copies"] = _closeness_of(*_checked(*moved))
        tests += findings(other, weights, n, seed, moved=True)
    best = least(tests)
    accused = bool(best.p < ACCUSED)
    kind: Kind = best.kind if accused else "copies"
    chosen = best.below if accused else np.empty(0, np.int64)
    ratios = other.ratios if kind == "moved copies" else places.ratios
    return MemorizationReport(
        accused=accused,
        kind=kind,
        p=best.p,
        share=excess(len(best.below) / n, best.expected, n, len(held_out)),
        z=mann_whitney(places.nearest[:n], places.nearest[n:]),
        suspects=chosen[np.argsort(ratios[chosen], kind="stable")],
        nearest=nearest[kind],
        ratios=ratios[:n],
        held_out=len(held_out),
        train=len(train),
    )


def _closeness_of(samples: Array, train: Array, held_out: Array) -> tuple[Closeness, Array]:
    """Closeness of samples and held-out examples, and each sample's nearest training example."""
    first = _distinct(train)
    found = closeness(np.concatenate([samples, held_out]), train[first])
    return found, first[found.index[: len(samples)]]


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
