"""Class fidelity: does a model draw the class that it is asked for?

Each class is asked for equally often, and a classifier that has learned from real examples, the
vote of the five nearest of them in the primary features, says which class a sample shows. The
share that is right stands beside that of held-out examples.

Pitfalls: samples may be easier to classify than real data, as guidance and a single picture for
each class make them, so that above the share of real data there is nothing to win, and nobody is
ranked by it; a classifier of small features errs on its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import binomtest

from ...core.capabilities import Array
from ..metric import Metric, MetricValue
from .knn import nearest_neighbours

_METRIC = Metric(
    key="class_fidelity",
    title="Class fidelity",
    group="samples",
    better="neither",
    meaning=(
        "Of samples that were asked for by class, the share that real examples of that class are"
        " nearest to. About that of real data is right; below, classes are mixed up."
    ),
    headline=True,
    least=0.0,
    most=1.0,
)
METRICS = (_METRIC,)
_VOTES = 5
_ASKED, _CLASSES = 300, 50  # samples, and classes that are asked for, at most


def requests(classes: tuple[str, ...]) -> tuple[list[str], int]:
    """The classes to ask for, and how many samples of each."""
    asked = classes[:: -(-len(classes) // _CLASSES)] if classes else ()
    return list(asked), max(1, _ASKED // max(len(asked), 1))


def class_fidelity(
    features: Array, labels: Array, known: Array, known_labels: Array
) -> dict[str, MetricValue]:
    """The share of ``features`` (n, d) whose ``labels`` (n,) the nearest of ``known`` (m, d), of
    ``known_labels`` (m,), vote for, with Wilson's interval; a tie goes to the nearer."""
    nearest = nearest_neighbours(features, known, _VOTES)[1]
    right = np.array([_vote(known_labels[row]) for row in nearest]) == labels
    share = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    figure = MetricValue(float(right.mean()), float(share.low), float(share.high), len(right))
    return {_METRIC.key: figure}


def _vote(labels: Array) -> Any:
    """The commonest of ``labels``, near to far."""
    names, first, count = np.unique(labels, return_index=True, return_counts=True)
    return names[np.lexsort((first, -count))[0]]
