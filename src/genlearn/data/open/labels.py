"""Classes: labels are stored as int64 indices into the names of the classes, which are sorted
unless their order is known.

An index means something beside its list alone: data that is brought to other classes is numbered
anew, by name (`renumbered`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import UserError
from ..dataset import Array, Dataset
from .encoding import decode

COLUMNS = ("label", "labels", "class", "target", "fine_label")
_UNLABELLED = -1  # where classes are numbered from 0, as in torch's STL-10 and scikit-learn

Encoding = tuple[Array, tuple[str, ...]]


def encode(values: Any, names: Sequence[str] = ()) -> Encoding | None:
    """Indices (N,) and class names, or None where ``values`` are no classes: fractions, or some of
    them missing (None, NaN, NA, blank text; -1 where ``names`` are known, or where it is all there
    is).

    ``names``: what integers 0, 1, ... stand for, where it is known. Blanks around a name do not
    count.
    """
    column = _plain(_flat(values))
    if missing(column, names) or _fractions(column):
        return None
    if column.dtype.kind in "fb":
        column = column.astype(np.int64)
    if names and column.dtype.kind in "iu" and len(column) and column.max() < len(names):
        return column.astype(np.int64), tuple(names)
    distinct, indices = np.unique(column, return_inverse=True)
    found = tuple(str(name) for name in distinct)
    if column.dtype.kind == "U" and set(found) <= set(names):
        return renumbered(indices, found, tuple(names))
    return indices.astype(np.int64), found


def remarks(values: Any, names: Sequence[str] = ()) -> tuple[str, ...]:
    """What to know of labels, a line each: why they were left out, or what is odd about them."""
    given = _flat(values)
    column = _plain(given)
    if count := missing(column, names):
        return (f"labels left out: {count} of {len(column)} are missing",)
    if _fractions(column):
        return ("labels left out: they are fractions",)
    numbers = column.dtype.kind in "iu" and len(column)
    if names and numbers and column.max() >= len(names):
        return (
            f"labels go up to {column.max()} and {len(names)} classes are named: the names are not"
            " used",
        )
    if numbers and column.min() == _UNLABELLED and column.max() > 1:
        return ("the label -1 is taken as a class; leave out those examples where it means none",)
    return _spellings(given, column)


def attach(data: Dataset, values: Any, names: Sequence[str] = ()) -> Dataset:
    """``data`` with these labels instead of its own. They may count files that turned out to be
    unreadable."""
    bad = [i for i, _, _ in data.origin.bad] if data.origin else []
    given, notes = encode(values, names), (*data.notes, *remarks(values, names))
    if given is None:
        return replace(data, notes=notes)
    indices = np.delete(given[0], bad) if len(given[0]) == len(data) + len(bad) else given[0]
    check_length(indices, len(data))
    spec = replace(data.spec, classes=given[1])
    return replace(data, labels=indices, spec=spec, notes=notes)


def renumbered(labels: Array, own: Sequence[str], known: Sequence[str]) -> Encoding:
    """``labels`` (N,), indices into ``own`` names, as indices into the ``known`` ones, which the
    own ones that they lack come after; and all those names."""
    names = (*known, *(name for name in own if name not in known))
    places = np.array([names.index(name) for name in own], np.int64)
    return places[labels] if len(own) else labels, names


def classes_beside(folder: Path) -> tuple[str, ...]:
    """The lines of ``classes.txt`` in ``folder``, if it is there: what integer labels stand for."""
    file = folder / "classes.txt"
    text = decode(file.read_bytes())[0] if file.is_file() else ""
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def check_length(labels: Array, count: int) -> None:
    """Raise `UserError` unless there is one label for each of ``count`` examples."""
    if len(labels) != count:
        raise UserError(f"{len(labels)} labels were given for {count} examples; give one for each")


def missing(column: Array, names: Sequence[str]) -> int:
    """How many labels are missing."""
    if column.dtype.kind == "f":
        return int(np.isnan(column).sum())
    if column.dtype.kind in "iu":
        none = column == _UNLABELLED
        return int(none.sum()) if names or none.all() else 0
    if column.dtype.kind == "O":
        import pandas as pd

        return int(pd.isna(column).sum() + sum(item == "" for item in column if _is_text(item)))
    return int((column == "").sum()) if column.dtype.kind == "U" else 0


def _flat(values: Any) -> Array:
    column = np.asarray(values)
    column = column.reshape(len(column)) if column.ndim and column.size == len(column) else column
    if column.ndim != 1:
        count = len(column) if column.ndim else 1
        raise UserError(
            f"labels of shape {column.shape} were given; one label for each example is needed,"
            f" shape ({count},)"
        )
    return column


def _plain(column: Array) -> Array:
    """Numbers where all are, text without blanks around where none is missing, else objects."""
    if column.dtype.kind in "biuf":
        return column
    import pandas as pd

    items = [item.strip() if _is_text(item) else item for item in column.tolist()]
    if any(map(_is_text, items)) or not items:
        gone = pd.isna(np.array([*items, None], object))[:-1]
        there = [None if none else str(item) for item, none in zip(items, gone, strict=True)]
        return np.array(there, object if gone.any() else str)
    try:
        numbers = np.array([np.nan if pd.isna(item) else item for item in items])
    except ValueError:
        numbers = column
    return numbers if numbers.dtype.kind in "biuf" else column.astype(str)


def _fractions(column: Array) -> bool:
    """Whether numbers are no whole ones, or too large to be told apart."""
    return column.dtype.kind == "f" and bool(
        (column != np.rint(column)).any() or (np.abs(column) > 2**53).any()
    )


def _spellings(given: Array, column: Array) -> tuple[str, ...]:
    """Names that were made equal, and those that differ in next to nothing."""
    if column.dtype.kind != "U":
        return ()
    alike: defaultdict[str, set[str]] = defaultdict(set)
    for name in np.unique(column):
        alike[name.casefold()].add(str(name))
    cases = sorted(sorted(names) for names in alike.values() if len(names) > 1)
    texts = {item.strip() for item in given.tolist() if _is_text(item)}
    both = sorted({str(item) for item in given.tolist() if not _is_text(item)} & texts)
    blanks = {item for item in given.tolist() if _is_text(item) and item != item.strip()}
    notes = [f"the number {one} and the text {one!r} are one class" for one in both[:1]]
    notes += [f"blanks around class names taken off, such as {min(blanks)!r}"] if blanks else []
    return (
        *notes,
        *(f"{' and '.join(map(repr, one))} differ by case, and are two classes" for one in cases),
    )


def _is_text(item: Any) -> bool:
    return isinstance(item, str)
