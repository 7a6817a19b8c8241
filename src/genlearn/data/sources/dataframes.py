"""Data-frames: columns of numbers are features, true and false are 1 and 0, one column of classes
becomes the labels; what is neither is left out, and named with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import UserError, nearest
from ..dataset import Array, Dataset
from ..open import labels
from ..open.options import Options
from ..table_spec import vector_spec
from ..tables.columns import numbers, reasons
from .base import Source

if TYPE_CHECKING:
    import pandas as pd

Columns = list[tuple[str, "pd.Series[Any]"]]


@dataclass(frozen=True)
class DataFrameSource(Source):
    """A pandas or polars data-frame. ``names``: what integer labels stand for."""

    frame: Any
    names: tuple[str, ...] = ()

    def read(self, split: str | None, options: Options) -> Dataset:
        columns = _columns(self.frame)
        if columns and not len(columns[0][1]):
            raise UserError("the table has no rows; at least one is needed")
        check_names([name for name, _ in columns])
        _check_options(options, [name for name, _ in columns])
        columns, notes = _without_index(columns, options.label)
        columns, notes = _with_names(columns, notes)
        label, encoded, remarks = _find_labels(columns, options, self.names)
        kept = [(name, numbers(column)) for name, column in columns if name != label]
        features = [(name, column) for name, column in kept if column is not None]
        told = {name for name, column in kept if name in remarks}
        left_out = {name for name, column in kept if column is None} - told
        notes += [f"column {label!r} gives the classes"] if label else []
        notes += [note for about in remarks.values() for note in about]
        notes += reasons([(name, column) for name, column in columns if name in left_out])
        _check_features(features, [name for name, _ in columns], options)
        values, rounded = _stack(features)
        spec = vector_spec(
            values,
            columns=tuple(name for name, _ in features),
            whole=tuple(column.dtype.kind in "iub" for _, column in features),
            classes=encoded[1] if encoded else (),
        )
        return Dataset(
            values=values,
            spec=spec,
            labels=encoded[0] if encoded else None,
            notes=(*notes, *rounded),
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


def _without_index(columns: Columns, label: str | None) -> tuple[Columns, list[str]]:
    """Drop a nameless first column that names the rows, as saving a data-frame adds: no two of its
    cells are equal, and it holds no fractions."""
    name, first = columns[0] if columns else ("", None)
    if (
        len(columns) < 2
        or first is None
        or name not in ("", "Unnamed: 0")
        or label == name
        or first.dtype.kind == "f"
        or not first.is_unique
    ):
        return columns, []
    counts = first.tolist() == list(range(len(first)))
    return columns[1:], [f"column of row {'numbers' if counts else 'names'} left out"]


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
    wanted = (
        [options.label]
        if options.label
        else [name for name, _ in columns if name.lower() in labels.COLUMNS]
    )
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


def _check_features(features: list[tuple[str, Array]], names: list[str], options: Options) -> None:
    if not features:
        raise UserError(
            f"the table has no column of numbers (columns: {_list(names) or 'none'}); at least one"
            " is needed"
        )
    bad = {
        name: int((~np.isfinite(column)).sum())
        for name, column in features
        if column.dtype.kind == "f"
    }
    bad = {name: count for name, count in bad.items() if count}
    if bad and not options.lenient:
        counts = _list(f"{name}: {count}" for name, count in bad.items())
        raise UserError(
            f"values are missing (NaN) or infinite (inf) in {len(bad)} of {len(features)} columns"
            f" ({counts}); fill or remove them"
        )


def _stack(features: list[tuple[str, Array]]) -> tuple[Array, list[str]]:
    """(N, D) in the columns' common integer type, or in double precision where one holds fractions;
    and a note where that rounds."""
    columns = [c.astype(np.int64) if c.dtype.kind == "b" else c for _, c in features]
    common = np.result_type(*columns)
    kind = common if common.kind in "iu" or common == np.float32 else np.dtype(np.float64)
    exact = 2 ** (24 if kind == np.float32 else 53)  # the whole numbers that a float holds
    large = [
        name
        for name, column in features
        if kind.kind == "f" and column.dtype.kind in "iu" and np.abs(column).max() > exact
    ]
    notes = [f"whole numbers beyond {exact:,} are rounded: {_list(large)}"] if large else []
    return np.stack([column.astype(kind, copy=False) for column in columns], 1), notes


def _list(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
