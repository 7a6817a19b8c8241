r"""Embedding quality: do the codes tell the classes apart, although no label was used to learn
them?

    k-NN accuracy   share of held-out examples whose class is that of most of their 10 nearest
                    training codes (Euclidean): is the class local?
    linear probe    accuracy of logistic regression on standardised codes, taught with all labels,
                    or with few: is the class a direction? (Alain & Bengio 2016, arXiv 1610.01644)
    NMI             2 I(C; Y) / (H(C) + H(Y)), C the clusters of k-means with as many clusters as
                    classes: does the class show without labels? (Strehl & Ghosh 2002)
    mAP             mean over queries of the average precision: the mean, over the training examples
                    of the query's class, of the share of that class among all that are ranked no
                    farther (Euclidean): are all examples of a class nearer than those of others?

Codes are taken as they are, except by the probe: their scale is the model's statement of what
matters, and standardising would lift a collapsed latent, which is noise, to the rank of the others.

**Pitfalls.** More numbers in a code make a better probe, so that models compare at equal size, and
beside principal components of that size: a code that does not beat them has learned nothing that a
linear map does not know. Accuracy is compared with the share of the largest class, mAP with the
mean share of the classes. k-means and mAP depend on the scale of each latent and favour round
clusters. A good embedding is no good generator, nor the reverse.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from ...core.seeding import seed_for
from ..metric import Metric, MetricValue
from ..uncertainty import bootstrap_mean
from .knn import nearest_neighbours

Array = NDArray[Any]

NEIGHBOURS = 10
LABELS = (1, 5, 20, 100)  # of each class, for the curve
FEW = 5
MOST_TRAIN, MOST_TEST, _QUERIES = 10_000, 10_000, 2000
_DRAWS, _RESAMPLES = 3, 200
_ITERATIONS = 200

METRICS = (
    Metric(
        key="knn",
        title="k-NN accuracy",
        group="embedding",
        better="higher",
        meaning=(
            "Share of held-out examples whose class is that of most of the ten training examples"
            " with the nearest codes."
        ),
        reference="Cover & Hart 1967",
        ideal=1.0,
    ),
    Metric(
        key="probe",
        title="Linear probe",
        group="embedding",
        better="higher",
        meaning=(
            "Accuracy of a linear classifier that sees the codes only and is taught with all"
            " labels."
        ),
        reference="Alain & Bengio 2016, arXiv 1610.01644",
        ideal=1.0,
    ),
    Metric(
        key="probe_few",
        title=f"Linear probe, {FEW} labels",
        group="embedding",
        better="higher",
        meaning=(
            f"Accuracy of a linear classifier that sees the codes only and is taught with {FEW}"
            " labels of each class: good codes need few."
        ),
        reference="Alain & Bengio 2016, arXiv 1610.01644",
        ideal=1.0,
        headline=True,
    ),
    Metric(
        key="nmi",
        title="NMI of clusters",
        group="embedding",
        better="higher",
        meaning=(
            "How far clusters of the codes, found without labels, are the classes: 0 not at all, 1"
            " exactly."
        ),
        reference="normalised mutual information with k-means, Strehl & Ghosh 2002",
        ideal=1.0,
    ),
    Metric(
        key="retrieval",
        title="Retrieval mAP",
        group="embedding",
        better="higher",
        meaning=(
            "When training examples are ranked by the distance of their codes to a held-out one's,"
            " how far those of its class come first."
        ),
        reference="mean average precision, Euclidean",
        ideal=1.0,
    ),
)


@dataclass(frozen=True, eq=False)
class ProbeResult:
    """``figures`` by key; ``curve`` (k, 2): number of labels used, accuracy of the probe."""

    figures: dict[str, MetricValue] = field(default_factory=dict)
    curve: Array = field(default_factory=lambda: np.empty((0, 2)))


def probe_embedding(
    codes_train: Array, labels_train: Array, codes_test: Array, labels_test: Array, seed: int
) -> ProbeResult:
    """All metrics of codes (n, d) with classes (n,). Nothing where there are fewer than two classes
    to tell apart, or no test example.

    At most 10,000 examples of each set are used, drawn at random; 2,000 queries for retrieval.
    """
    if not len(codes_train) or not len(codes_test):
        return ProbeResult()
    train = _random_subset(codes_train, labels_train, MOST_TRAIN, seed_for(seed, "train"))
    test = _random_subset(codes_test, labels_test, MOST_TEST, seed_for(seed, "test"))
    if len(np.unique(train[1])) < 2:
        return ProbeResult()
    curve, hits = _learning_curve(train, test, seed)
    figures = {
        "knn": bootstrap_mean(_neighbours_right(train, test), seed),
        "probe": bootstrap_mean(hits[-1], seed),
    }
    figures["probe_few"] = bootstrap_mean(hits[min(LABELS.index(FEW), len(hits) - 1)], seed)
    figures["nmi"] = _clusters(*test, seed)
    precision = average_precision(test[0][:_QUERIES], test[1][:_QUERIES], *train)
    if len(precision):
        figures["retrieval"] = bootstrap_mean(precision, seed)
    return ProbeResult(figures, curve)


def average_precision(queries: Array, classes: Array, codes: Array, labels: Array) -> Array:
    """Average precision of each of ``queries`` (m, d) with a class that occurs among ``labels``
    (n,) of ``codes`` (n, d)."""
    known = np.isin(classes, labels)
    ranks, result = np.arange(1, len(labels) + 1), []
    for query, own in zip(queries[known], classes[known], strict=True):
        order = np.argsort(np.square(codes - query).sum(1), kind="stable")
        found = np.flatnonzero(labels[order] == own)
        result.append((np.arange(1, len(found) + 1) / ranks[found]).mean())
    return np.array(result)


def _random_subset(codes: Array, labels: Array, most: int, seed: int) -> tuple[Array, Array]:
    """At most ``most`` examples, in random order."""
    chosen = np.random.default_rng(seed).permutation(len(codes))[:most]
    return np.asarray(codes, np.float32).reshape(len(codes), -1)[chosen], np.asarray(labels)[chosen]


def _neighbours_right(train: tuple[Array, Array], test: tuple[Array, Array]) -> Array:
    """1 where most of the nearest are of the example's class, else 0; among equals the class of the
    nearer wins."""
    names, index = np.unique(train[1], return_inverse=True)
    voters = index[nearest_neighbours(test[0], train[0], NEIGHBOURS)[1]]
    weights = 1 - 1e-3 * np.arange(voters.shape[1])
    votes = np.stack([((voters == c) * weights).sum(1) for c in range(len(names))], 1)
    return np.asarray(names[votes.argmax(1)] == test[1], np.float64)


def _learning_curve(
    train: tuple[Array, Array], test: tuple[Array, Array], seed: int
) -> tuple[Array, list[Array]]:
    """Points (labels, accuracy), and for each the correctness of every test example, averaged over
    draws of the labels."""
    points: list[tuple[int, float]] = []
    hits: list[Array] = []
    for each in (*LABELS, len(train[1])):
        draws = [
            few_labels(train[1], each, seed_for(seed, "labels", each, i))
            for i in range(_DRAWS if each <= 20 else 1)
        ]
        right = np.mean(
            [probe_correct((train[0][rows], train[1][rows]), test, seed) for rows in draws], axis=0
        )
        if points and points[-1][0] == len(draws[0]):
            continue
        points.append((len(draws[0]), float(right.mean())))
        hits.append(right)
    return np.array(points), hits


def few_labels(labels: Array, each: int, seed: int) -> Array:
    """Indices of ``each`` examples of each class, or as many as there are."""
    order = np.random.default_rng(seed).permutation(len(labels))
    chosen = np.concatenate([order[labels[order] == c][:each] for c in np.unique(labels)])
    return chosen


def probe_correct(taught: tuple[Array, Array], test: tuple[Array, Array], seed: int) -> Array:
    """1 where logistic regression on standardised codes finds the class, else 0."""
    if len(np.unique(taught[1])) < 2:
        return np.asarray(test[1] == taught[1][0], np.float64)
    mean, scale = taught[0].mean(0), taught[0].std(0)
    scale = np.where(scale > 1e-6 * (np.abs(mean) + 1e-12), scale, 1)
    classifier = LogisticRegression(
        max_iter=_ITERATIONS, random_state=seed_for(seed, "probe") % 2**32
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit((taught[0] - mean) / scale, taught[1])
    return np.asarray(classifier.predict((test[0] - mean) / scale) == test[1], np.float64)


def _clusters(codes: Array, labels: Array, seed: int) -> MetricValue:
    """NMI of k-means with the classes; its interval resamples examples and keeps the clusters."""
    classes, index = np.unique(labels, return_inverse=True)
    k = min(len(classes), len(codes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(k, n_init=4, random_state=seed_for(seed, "clusters") % 2**32).fit_predict(
            codes
        )
    table = np.zeros((k, len(classes)))
    np.add.at(table, (found, index), 1)
    rng = np.random.default_rng(seed_for(seed, "resamples"))
    draws = rng.multinomial(len(codes), table.ravel() / len(codes), size=_RESAMPLES).reshape(
        -1, *table.shape
    )
    low, high = np.quantile([nmi(draw) for draw in draws], (0.025, 0.975))
    value = nmi(table)
    return MetricValue(value, min(float(low), value), max(float(high), value), len(codes))


def nmi(table: Array) -> float:
    """Normalised mutual information of a table of counts (clusters, classes); 0 where either has
    one value only."""
    joint = table / table.sum()
    rows, columns = joint.sum(1), joint.sum(0)
    entropies = _entropy(rows) + _entropy(columns)
    return (
        float(2 * (entropies - _entropy(joint.ravel())) / entropies)
        if min(_entropy(rows), _entropy(columns)) > 1e-12
        else 0.0
    )


def _entropy(shares: Array) -> float:
    positive = shares[shares > 0]
    return float(-(positive * np.log(positive)).sum())
