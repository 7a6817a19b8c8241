r"""Clusters of codes, by k-means:

    min sum_i ||z_i - m_{c(i)}||^2    over centres m and assignments c      (Lloyd 1982)

How many is a question to the silhouette, the mean over examples of (b - a) / max(a, b), a the mean
distance to the others of the example's cluster and b that to the nearest other cluster (Rousseeuw
1987): of the k tried, the one at which it is highest. Where classes are known, agreement with them
is told as NMI (arithmetic mean) and as the adjusted Rand index (Hubert & Arabie 1985), which is 0
by chance and 1 where the partitions are equal.

Pitfalls: k-means favours round clusters of like size; the silhouette favours few, well separated
ones, and is low for all k where there are none: then codes are a continuum, and k a
matter of taste.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score

from ..core.capabilities import Array
from ..core.errors import UserError
from ..core.seeding import random_rows, seed_for
from ..evaluate.probes import knn
from ..evaluate.probes.probing import nmi
from .checks import checked_codes

MOST_AUTO = 20  # clusters that are tried
_LEARNED, _SILHOUETTE = 50_000, 2000  # examples that centres, and k, are chosen by, at most
_BEGINNINGS = 4  # of k-means, of which the best counts
_BLOCK = 65_536


@dataclass(frozen=True, eq=False)
class Clusters:
    """``labels`` (n,), numbered from the largest cluster, and ``distances`` (n,) of codes to the
    ``centres`` (k, d) of their clusters. ``silhouettes``: by each k that was tried."""

    labels: Array
    distances: Array
    centres: Array
    silhouettes: dict[int, float]

    @property
    def sizes(self) -> Array:
        """How many codes each has, (k,)."""
        return np.bincount(self.labels, minlength=len(self.centres))

    def prototypes(self, count: int = 8) -> list[Array]:
        """Of each cluster, the indices of the ``count`` codes nearest to its centre, near first."""
        order = np.argsort(self.distances, kind="stable")
        return [order[self.labels[order] == c][:count] for c in range(len(self.centres))]

    def agreement(self, classes: Array) -> dict[str, float]:
        """NMI and ARI with ``classes`` (n,)."""
        names, index = np.unique(classes, return_inverse=True)
        table = np.zeros((len(self.centres), len(names)))
        np.add.at(table, (self.labels, index), 1)
        return {"NMI": nmi(table), "ARI": float(adjusted_rand_score(index, self.labels))}


def cluster_codes(codes: Array, k: int | Literal["auto"] = "auto", seed: int = 0) -> Clusters:
    """k-means of ``codes`` (n, d); centres are learned from at most 50,000 of them, drawn at
    random. "auto": k from 2 to 20 by the silhouette of at most 2,000.

    Raises `UserError` for more clusters than there are different codes, and NaN.
    """
    codes = checked_codes(codes, least=2)
    some = np.asarray(codes[np.sort(random_rows(seed, len(codes), _LEARNED, "clusters"))])
    different = len(np.unique(some, axis=0))
    silhouettes = _silhouettes(some, different, seed) if k == "auto" else {}
    count = max(silhouettes, key=lambda n: silhouettes[n]) if k == "auto" else int(k)
    if not 1 <= count <= different:
        raise UserError(
            f"k={count} was given; {len(codes):,} examples, {different:,} of them different, fall"
            f" into at least 1 and at most {different:,} clusters"
        )
    return _assigned(codes, _k_means(some, count, seed).cluster_centers_, silhouettes)


def _silhouettes(codes: Array, different: int, seed: int) -> dict[int, float]:
    """By k. Raises `UserError` where no k can be chosen."""
    few = codes[np.sort(random_rows(seed, len(codes), _SILHOUETTE, "silhouette"))]
    most = min(MOST_AUTO, different, len(few) - 1)
    if most < 2:
        raise UserError(
            f"{len(codes):,} examples of {different:,} different codes were given; to choose the"
            " number of clusters takes at least 3 examples and 2 codes: give k"
        )
    found = {}
    for k in range(2, most + 1):
        labels = _k_means(few, k, seed).labels_
        if 1 < len(np.unique(labels)) < len(few):
            found[k] = float(silhouette_score(few, labels))
    return found


def _k_means(codes: Array, k: int, seed: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        state = seed_for(seed, "k-means", k) % 2**32
        return KMeans(k, n_init=_BEGINNINGS, random_state=state).fit(codes)


def _assigned(codes: Array, centres: Array, silhouettes: dict[int, float]) -> Clusters:
    """Each code to its nearest centre, a block at a time; the largest cluster first."""
    centres = centres.astype(np.float64)
    labels = np.empty(len(codes), np.int64)
    distances = np.empty(len(codes))
    for start in range(0, len(codes), _BLOCK):
        some = slice(start, start + _BLOCK)
        near = knn.nearest_neighbours(np.asarray(codes[some]), centres, 1)
        distances[some], labels[some] = near[0][:, 0], near[1][:, 0]
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    return Clusters(np.argsort(order)[labels], distances, centres[order], silhouettes)
