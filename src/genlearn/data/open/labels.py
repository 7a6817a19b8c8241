"""Classes: labels are stored as int64 indices into their sorted distinct names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import UserError
from ..dataset import Array, Dataset

COLUMNS = ("label", "labels", "class", "target", "fine_label")
LEFT_OUT = "labels left out: they are fractions, or some are missing"


def encode(values: Any, names: Sequence[str] = ()) -> tuple[Array, tuple[str, ...]] | None:
    """Indices (N,) and class names, or None where ``values`` are no classes: fractions, or some of
    them missing.

    ``names``: what integers 0, 1, ... stand for, where it is known.
    """
    column = np.asarray(values)
    column = column.reshape(len(column)) if column.size == len(column) else column
    if column.ndim != 1:
        raise UserError(
            f"labels of shape {column.shape} were given; one label for each example is needed,"
            f" shape ({len(column)},)"
        )
    if _missing(column) or (column.dtype.kind == "f" and (column != np.rint(column)).any()):
        return None
    column = column.astype(np.int64) if column.dtype.kind in "fb" else column
    if (
        names
        and column.dtype.kind in "iu"
        and len(column)
        and column.min() >= 0
        and column.max() < len(names)
    ):
        return column.astype(np.int64), tuple(names)
    distinct, indices = np.unique(
        column.astype(str) if column.dtype.kind == "O" else column, return_inverse=True
    )
    return indices.astype(np.int64), tuple(str(name) for name in distinct)


def attach(data: Dataset, values: Any, names: Sequence[str] = ()) -> Dataset:
    """``data`` with these labels instead of its own. They may count files that turned out to be
    unreadable."""
    bad = [i for i, _, _ in data.origin.bad] if data.origin else []
    given = encode(values, names)
    if given is None:
        return replace(data, notes=(*data.notes, LEFT_OUT))
    indices = np.delete(given[0], bad) if len(given[0]) == len(data) + len(bad) else given[0]
    check_length(indices, len(data))
    return replace(data, labels=indices, spec=replace(data.spec, classes=given[1]))


def classes_beside(folder: Path) -> tuple[str, ...]:
    """The lines of ``classes.txt`` in ``folder``, if it is there: what integer labels stand for."""
    file = folder / "classes.txt"
    return (
        tuple(
            line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()
        )
        if file.is_file()
        else ()
    )


def check_length(labels: Array, count: int) -> None:
    """Raise `UserError` unless there is one label for each of ``count`` examples."""
    if len(labels) != count:
        raise UserError(f"{len(labels)} labels were given for {count} examples; give one for each")


def _missing(column: Array) -> bool:
    if column.dtype.kind == "f":
        return bool(np.isnan(column).any())
    return column.dtype.kind == "O" and any(
        item is None or (isinstance(item, float) and math.isnan(item)) for item in column
    )
