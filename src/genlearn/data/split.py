"""Held-out data: what models learn from, and what they are judged by and never see.

Where the author of a set gave it a test split, that is held out. Otherwise a random part is: a
third of a small set, because distances between distributions need about a thousand examples on each
side, down to a fifth of a larger one, and never more than 10,000. What is held out is in random
order, so that the first few are as good as any, however the data was sorted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..core.errors import UserError
from ..core.seeding import seed_for
from ..core.spec import DataSpec, TableSpec, VectorSpec
from .columns.table import refit
from .dataset import Array, Dataset, blocks
from .open.opening import has_split, open_data
from .open.options import Tell, silent
from .vector_spec import moments

FEWEST = 50
_MOST = 10_000
_ENOUGH = 1000


@dataclass(frozen=True)
class Split:
    """``how`` tells in a few words where the held-out part comes from; ``whole`` names the data
    that it was taken from, by fingerprint."""

    train: Dataset
    held_out: Dataset
    how: str
    whole: str

    @cached_property
    def twins(self) -> int:
        """How many held-out examples are equal to a training example."""
        known = {_name(row) for block in blocks(self.train.values) for row in block}
        return sum(_name(row) in known for row in self.held_out.values)


def hold_out(source: Any, *, seed: int = 0, split: str | None = None, **options: Any) -> Split:
    """``source`` in two parts; ``options`` are those of `open_data`. Raises `UserError` for fewer
    than 50 examples."""
    data = open_data(source, split=split, **options)
    if split is None and has_split(source, "test"):
        test = open_data(
            source,
            split="test",
            **(options | {"resolution": None, "binarise": "none", "like": data.spec}),
        )
        data, test = _with_classes(data, test, options.get("tell", silent))
        return _checked(
            data, _shuffled(test, seed), "the test split that came with the data", data.fingerprint
        )
    return divide(data, seed)


def _with_classes(train: Dataset, held_out: Dataset, tell: Tell) -> tuple[Dataset, Dataset]:
    """Both parts, and a line told where classes that only one has keep examples from being judged
    by class."""
    known, note = train.spec.classes, ""
    if train.labels is None and held_out.labels is not None:
        held_out = replace(held_out, labels=None, spec=train.spec)
        note = "only the held-out part has classes: nothing is judged by class"
    elif train.labels is not None and held_out.labels is None:
        note = "the held-out part has no classes: nothing is judged by class"
    elif train.labels is not None and held_out.labels is not None:
        there = set(held_out.labels.tolist())
        new = [
            name for i, name in enumerate(held_out.spec.classes) if i in there and i >= len(known)
        ]
        unknown = int((held_out.labels >= len(known)).sum())
        if new:
            note = (
                f"{unknown} of {len(held_out)} held-out examples are of classes that nothing is"
                f" learned from ({', '.join(new[:5])}): told by class, they count as wrong"
            )
    if not note:
        return train, held_out
    tell(note)
    return train, replace(held_out, notes=(*held_out.notes, note))


def divide(data: Dataset, seed: int, share: float | None = None, fewest: int = FEWEST) -> Split:
    """A random part of ``data`` held out. Raises `UserError` for less than ``fewest`` examples."""
    whole = replace(data, part_of=data.fingerprint)
    count = min(_MOST, round(len(data) * (_share(len(data)) if share is None else share)))
    order = np.random.default_rng(seed_for(seed, "hold out")).permutation(len(data))
    return _checked(
        whole.take(np.sort(order[count:])),
        whole.take(order[:count]),
        f"{count:,} of {len(data):,} held out at random, seed {seed}",
        data.fingerprint,
        fewest,
    )


def _name(row: Array) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(row).data, digest_size=16).digest()


def _share(n: int) -> float:
    return min(1 / 3, max(1 / 5, _ENOUGH / max(n, 1)))


def _shuffled(data: Dataset, seed: int) -> Dataset:
    return data.take(
        np.random.default_rng(seed_for(seed, "hold out")).permutation(len(data))[:_MOST]
    )


def _checked(
    train: Dataset, held_out: Dataset, how: str, whole: str, fewest: int = FEWEST
) -> Split:
    total = len(train) + len(held_out)
    if total < fewest or min(len(train), len(held_out)) < fewest // 5:
        raise UserError(
            f"{total} examples were given ({len(train)} to learn from, {len(held_out)} to judge"
            f" by); a fair comparison takes at least {fewest}; give more, or use `genlearn fit`,"
            " which learns from as few as 2"
        )
    if isinstance(train.spec, (TableSpec, VectorSpec)):
        train, held_out = _standardised(train, held_out)
    return Split(train, held_out, how, whole)


def _standardised(train: Dataset, held_out: Dataset) -> tuple[Dataset, Dataset]:
    """Both parts with the means and scales of the first alone, or with how its columns are spread,
    so that nothing of the second is known beforehand."""
    spec: DataSpec
    if isinstance(train.spec, TableSpec):
        spec = refit(train.spec, train.values)
    else:
        assert isinstance(train.spec, VectorSpec)
        mean, scale = moments(train.values)
        spec = replace(train.spec, mean=tuple(mean.tolist()), scale=tuple(scale.tolist()))
    return replace(train, spec=spec), replace(
        held_out, spec=replace(spec, classes=held_out.spec.classes)
    )
