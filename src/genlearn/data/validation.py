"""Examples that a training is watched by and never learns from: a share of the data, chosen at
random, or a set of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..core.errors import UserError
from .dataset import Dataset
from .open.opening import open_data
from .split import divide


def with_validation(data: Dataset, given: Any, seed: int) -> tuple[Dataset, Dataset, str]:
    """What of ``data`` is learned from, what it is watched by, and a line on that.

    ``given``: a share of the data in (0, 1), a `Dataset` or whatever `open_data` takes, or a pair
    of that and its classes. Raises `UserError` for other shares, too few examples, and examples or
    classes of another kind.
    """
    if isinstance(given, (int, float)):
        return _share(data, float(given), seed)
    pair = isinstance(given, tuple) and len(given) == 2
    source, labels = given if pair else (given, None)
    found = open_data(source, labels=labels)
    validation = found
    if found.spec != data.spec:
        validation = _classes(open_data(found, like=data.spec), data)
    if not len(validation):
        raise UserError("validation holds no example; give at least one, or leave it out")
    if validation.fingerprint == data.fingerprint:
        raise UserError(
            "validation is the data that is learned from; give other examples, or a share of them"
            " such as 0.05"
        )
    return data, validation, f"validation: {len(validation):,} examples, not learned from"


def _share(data: Dataset, share: float, seed: int) -> tuple[Dataset, Dataset, str]:
    count = round(len(data) * share) if 0 < share < 1 else 0
    if not 1 <= count <= len(data) - 2:
        raise UserError(
            f"validation={share:g} was given; it is a share of the {len(data):,} examples above 0"
            " and below 1 that leaves at least 2 to learn from, such as 0.05, or examples of"
            " their own"
        )
    split = divide(data, seed, share, fewest=0)
    return split.train, split.held_out, f"validation: {split.how}, not learned from"


def _classes(found: Dataset, data: Dataset) -> Dataset:
    """``found`` with the classes of ``data`` and no others."""
    if not data.spec.classes:
        return replace(found, labels=None, spec=data.spec)
    if found.labels is None:
        raise UserError(
            f"validation has no classes; the data has {len(data.spec.classes)}: give"
            " validation=(X, y), or a share of the data"
        )
    unknown = [name for name in found.spec.classes if name not in data.spec.classes]
    if unknown:
        raise UserError(
            f"validation has the class {unknown[0]!r}, which the data to learn from has not; leave"
            " it out"
        )
    return found
