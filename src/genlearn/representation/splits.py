"""Examples with classes in two parts: those whose labels may be learned from, and those that judge.

Where the author of a set gave it a test split, that judges; otherwise a random quarter does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.errors import UserError
from ..core.seeding import random_rows
from ..data.dataset import Dataset
from ..evaluate.probes.probing import MOST_TEST, MOST_TRAIN

_SHARE, _FEWEST = 1 / 4, 4


@dataclass(frozen=True)
class LabelledSplit:
    """At most 10,000 examples of each part, drawn at random; ``how`` tells in a few words where
    those that judge come from."""

    train: Dataset
    test: Dataset
    how: str


def labelled_split(data: Dataset, test: Dataset | None = None, seed: int = 0) -> LabelledSplit:
    """``data`` to learn from and ``test`` to judge by; without, or where it has no classes, a part
    of ``data``. Raises `UserError` for data without classes, and too few examples."""
    if data.labels is None:
        raise UserError(
            "the data has no classes, which a probe learns; name the column that holds them by"
            " --label, or give a folder for each class"
        )
    if len(data) < _FEWEST:
        raise UserError(
            f"{len(data)} examples were given; a probe takes at least {_FEWEST}, some to learn"
            " from and some to judge by"
        )
    if test is not None and test.labels is not None:
        train, how = _some(data, MOST_TRAIN, seed), "the test split"
        return LabelledSplit(train, _some(test, MOST_TEST, seed), how)
    order = random_rows(seed, len(data), len(data), "labelled split")
    count = min(MOST_TEST, max(1, round(_SHARE * len(data))))
    train = data.take(np.sort(order[count:][:MOST_TRAIN]))
    how = f"{count:,} of {len(data):,} held out at random, seed {seed}"
    return LabelledSplit(train, data.take(np.sort(order[:count])), how)


def _some(data: Dataset, most: int, seed: int) -> Dataset:
    return data.take(np.sort(random_rows(seed, len(data), most, "labelled split")))
