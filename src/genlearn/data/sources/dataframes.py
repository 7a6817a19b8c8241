"""Data-frames: each column as what it holds (`columns.kinds`); one of classes beside numbers alone
becomes the labels; what nothing can be learned from is left out, and named with the reason. What
names the rows, the index or a nameless first column of texts, names the examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import UserError, nearest
from ..columns.frames import from_frame
from ..columns.kinds import LEAVE, Typed, check_asked, typed_column
from ..columns.numbers import numbers
from ..columns.table import table_spec
from ..dataset import Dataset
from ..open import labels
from ..open.options import Options
from .base import Source

if TYPE_CHECKING:
    import pandas as pd

Columns = list[tuple[str, "pd.Series[Any]"]]
_EXACT = 2**53  # whole numbers that a double holds


@dataclass(frozen=True)
class DataFrameSource(Source):
    """A pandas or polars data-frame. ``names``: what integer labels stand for."""

    frame: Any
    names: tuple[str, ...] = ()

    def written(self) -> tuple[str, ...]:
        return ("kinds",)

    def read(self, split: str | None, options: Options) -> Dataset:
        columns = _columns(self.frame)
        if columns and not len(columns[0][1]):
            raise UserError("the table has no rows; at least one is needed")
        check_names([name for name, _ in columns])
        _check_options(options, [name for name, _ in columns])
        index = _index(self.frame)
        columns, notes, first = _without_index(columns, options.label)
        columns, notes = _with_names(columns, notes)
        label, encoded, remarks = _find_labels(columns, options, self.names)
        notes += [f"column {label!r} gives the classes"] if label else []
        notes += [note for about in remarks.values() for note in about]
        learned = [(name, column) for name, column in columns if name != label]
        if options.table is not None:
            spec, (values, more) = options.table, from_frame(_frame(columns), options.table)
            spec = replace(spec, classes=encoded[1] if encoded else ())
        else:
            features, more = _typed(learned, options.kinds or {}, set(remarks))
            _check_features(features, [name for name, _ in columns])
            spec = table_spec(features, encoded[1] if encoded else ())
            values = np.stack([feature.values for feature in features.values()], 1)
        return Dataset(
            values=values,
            spec=spec,
            labels=encoded[0] if encoded else None,
            notes=(*notes, *more),
            names=first if index is None else index,
        )


def check_names(names: list[str]) -> None:
    """Raise `UserError` where two columns are called the same."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names, 1):
        places.setdefault(name, []).append(place)
    twice = {name: where for name, where in places.items() if len(where) > 1}
    for name, where in twice.items():
        raise UserError(
            f"columns {' and '.join(map(str, where[:5]))} are both called {name!r}; each takes a"
            " name of its own: rename or remove one"
        )


def _columns(frame: Any) -> Columns:
    table: pd.DataFrame = (
        frame.to_pandas() if type(frame).__module__.startswith("polars") else frame
    )
    return [(str(name), table.iloc[:, i]) for i, name in enumerate(table.columns)]


def _check_options(options: Options, names: list[str]) -> None:
    if options.label is not None and options.label not in names:
        raise UserError(
            f"label={options.label!r} was given; the table has no such column;"
            f" {nearest(options.label, names)}"
        )
    if options.resolution or options.binarise != "none":
        asked = "resolution" if options.resolution else "binarise"
        raise UserError(
            f"{asked} was given; it is for images, and this data is a table; leave it out"
        )


def _index(frame: Any) -> list[str] | None:
    """What the index of ``frame`` calls the rows, where it does more than count them."""
    index = getattr(frame, "index", None)  # polars has none
    if index is None or list(index) == list(range(len(index))):
        return None
    return [str(name) for name in index]


def _without_index(
    columns: Columns, label: str | None
) -> tuple[Columns, list[str], list[str] | None]:
    """Drop a nameless first column that names the rows, as saving a data-frame adds: no two of its
    cells are equal, and it holds no fractions. The names, where they do more than count."""
    name, first = columns[0] if columns else ("", None)
    if (
        len(columns) < 2
        or first is None
        or name not in ("", "Unnamed: 0")
        or label == name
        or first.dtype.kind == "f"
        or not first.is_unique
    ):
        return columns, [], None
    counts = first.tolist() == list(range(len(first)))
    note = f"column of row {'numbers' if counts else 'names'} left out"
    return columns[1:], [note], None if counts else [str(name) for name in first]


def _with_names(columns: Columns, notes: list[str]) -> tuple[Columns, list[str]]:
    """Give columns without a name one by their number, and note it."""
    nameless = [f"x{i}" for i, (name, _) in enumerate(columns) if not name]
    columns = [(name or f"x{i}", column) for i, (name, column) in enumerate(columns)]
    check_names([name for name, _ in columns])
    return columns, notes + ([f"columns without a name: {_list(nameless)}"] if nameless else [])


def _find_labels(
    columns: Columns, options: Options, names: tuple[str, ...]
) -> tuple[str | None, labels.Encoding | None, dict[str, list[str]]]:
    """Name and content of the column of classes, and what to know of columns that are called as
    such. Raises `UserError` where
    one was asked for that holds no classes."""
    wanted = [options.label] if options.label else _called_classes(columns, options)
    remarks: dict[str, list[str]] = {}
    for label in wanted:
        cells = next(column for name, column in columns if name == label).to_numpy()
        encoded, about = labels.encode(cells, names), labels.remarks(cells, names)
        if encoded is not None:
            remarks[label] = [f"column {label!r}: {one}" for one in about]
            return label, encoded, remarks
        if options.label:
            why = "; ".join(about).removeprefix("labels left out: ")
            raise UserError(
                f"label={label!r} was given; this column names no classes: {why}; fill or remove"
                " those rows, or name another"
            )
        if "missing" in about[0]:
            remarks[label] = [f"column {label!r}: {about[0]}"]
    return None, None, remarks


def _called_classes(columns: Columns, options: Options) -> list[str]:
    """Columns that are called as classes are, where all others hold numbers; in a table of
    categories such a column is one of them."""
    known = [name for name, _ in columns if name.lower() in labels.COLUMNS]
    asked = options.kinds or {}
    free = [name for name in known if name not in asked]
    others = (column for name, column in columns if name not in known and name not in asked)
    return free if free and all(numbers(column) is not None for column in others) else []


def _frame(columns: Columns) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(dict(columns))


def _typed(
    columns: Columns, kinds: dict[str, str], told: set[str]
) -> tuple[dict[str, Typed], list[str]]:
    """The columns that are learned from, and notes on the others, but for those ``told`` of."""
    check_asked(kinds, [name for name, _ in columns])
    found = {name: typed_column(column, kinds.get(name)) for name, column in columns}
    reasons: dict[str, list[str]] = {}
    for name, one in found.items():
        if isinstance(one, str) and name not in told:
            reasons.setdefault(one, []).append(name)
    features = {name: one for name, one in found.items() if isinstance(one, Typed)}
    notes = [f"columns left out, {why}: {_list(names)}" for why, names in reasons.items()]
    return features, [*notes, *_rounded(features)]


def _rounded(features: dict[str, Typed]) -> list[str]:
    large = [name for name, one in features.items() if np.nanmax(np.abs(one.values)) >= _EXACT]
    return [f"whole numbers beyond {_EXACT:,} are rounded: {_list(large)}"] if large else []


def _check_features(features: dict[str, Typed], names: list[str]) -> None:
    if not features:
        raise UserError(
            "the table has no column that a distribution can be learned of (columns:"
            f" {_list(names) or 'none'}); at least one is needed; the kind {LEAVE!r} and notes say"
            " what was left out"
        )
    bad = {name: int(np.isinf(one.values).sum()) for name, one in features.items()}
    if any(bad.values()):
        counts = _list(f"{name}: {count}" for name, count in bad.items() if count)
        raise UserError(f"values are infinite (inf) in {counts}; remove or replace them")


def _list(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
