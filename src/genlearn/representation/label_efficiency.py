"""How few labels codes need: the accuracy of a linear classifier (`evaluate.probes.probing`) that
is taught with so many of each class, beside one that sees the data as it is, and one that sees
principal components of the same number.

Which examples are labelled is drawn several times, the same for all; the 95 % interval is that of
the mean over draws (Student's t). Where all labels are taken there is one draw, and the interval is
that of the test examples (bootstrap).

Pitfall: principal components and codes were learned from unlabelled examples; what codes are worth
is the distance between these two, and what unlabelled examples are worth that to the data itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student
from sklearn.decomposition import PCA

from ..core.capabilities import Array
from ..core.errors import UserError
from ..core.seeding import random_rows, seed_for
from ..data.dataset import Dataset
from ..evaluate.metric import MetricValue
from ..evaluate.probes.probing import LABELS, MOST_TEST, MOST_TRAIN, few_labels, probe_correct
from ..evaluate.uncertainty import bootstrap_mean
from .checks import checked_codes

DRAWS = 10


@dataclass(frozen=True)
class LabelledAccuracy:
    """``accuracy`` with ``labels`` labels in all, ``per_class`` of each class; None: all that there
    are."""

    per_class: int | None
    labels: int
    draws: int
    accuracy: MetricValue


def label_efficiency(
    codes: Array,
    labels: Array,
    test_codes: Array,
    test_labels: Array,
    per_class: Sequence[int | None] = (*LABELS, None),
    draws: int = DRAWS,
    seed: int = 0,
) -> list[LabelledAccuracy]:
    """Accuracy on ``test_codes`` (m, d) after learning from so many labels of each class, numbers
    that come to the same left out; at most 10,000 examples of each set are used.

    Raises `UserError` for fewer than two classes.
    """
    train, test = checked_codes(codes, least=2), checked_codes(test_codes)
    labels, test_labels = np.asarray(labels), np.asarray(test_labels)
    if len(np.unique(labels)) < 2:
        raise UserError(
            f"all {len(labels):,} examples are of one class; a probe tells at least 2 apart"
        )
    rows = random_rows(seed, len(train), MOST_TRAIN, "probe", "train")
    held = random_rows(seed, len(test), MOST_TEST, "probe", "test")
    known = np.asarray(train[rows], np.float32), labels[rows]
    asked = np.asarray(test[held], np.float32), test_labels[held]
    found: list[LabelledAccuracy] = []
    for each in per_class:
        one = _accuracy(known, asked, each, draws, seed)
        if not found or found[-1].labels != one.labels:
            found.append(one)
    return found


def _accuracy(
    train: tuple[Array, Array], test: tuple[Array, Array], each: int | None, draws: int, seed: int
) -> LabelledAccuracy:
    most = np.unique(train[1], return_counts=True)[1].max()
    whole = each is None or each >= most
    chosen = [
        few_labels(train[1], len(train[1]) if each is None else each, seed_for(seed, "draw", i))
        for i in range(1 if whole else draws)
    ]
    right = [probe_correct((train[0][rows], train[1][rows]), test, seed) for rows in chosen]
    value = over_draws(np.mean(right, 1)) if len(right) > 1 else bootstrap_mean(right[0], seed)
    return LabelledAccuracy(None if whole else each, len(chosen[0]), len(chosen), value)


def over_draws(values: Array) -> MetricValue:
    """The mean of ``values`` (draws,), at least two, with its 95 % interval by Student's t."""
    mean, n = float(np.mean(values)), len(values)
    half = float(student.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return MetricValue(mean, max(0.0, mean - half), min(1.0, mean + half), n)


def as_seen(data: Dataset) -> Array:
    """Examples as networks see them: pixels, or transformed columns, (n, D)."""
    inside: Array = data.spec.to_internal(data.user(slice(None))).flatten(1).numpy()
    return inside


def principal_components(
    train: Array, test: Array, numbers: int, seed: int = 0
) -> tuple[Array, Array]:
    """``train`` and ``test`` (n, D) by the leading ``numbers`` principal components of ``train``,
    fewer where there are no more."""
    numbers = min(numbers, *train.shape)
    found: Any = PCA(numbers, random_state=seed_for(seed, "components") % 2**32).fit(train)
    return found.transform(train), found.transform(test)
