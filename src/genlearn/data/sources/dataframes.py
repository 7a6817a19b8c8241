"""Data-frames: numeric columns are features, true and false are 1 and 0, one column of classes
becomes the labels, text is left out."""

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
        _check_options(options, [name for name, _ in columns])
        columns, notes = _without_index(columns)
        label, encoded = _find_labels(columns, options, self.names)
        features = [
            (name, _numbers(column))
            for name, column in columns
            if name != label and _is_numeric(column)
        ]
        strange = [name for name, column in columns if name != label and not _is_numeric(column)]
        notes += [f"column {label!r} gives the classes"] if label else []
        notes += [f"columns left out, they are not numbers: {_list(strange)}"] if strange else []
        _check_features(features, [name for name, _ in columns], options)
        values = _stack([column for _, column in features])
        spec = vector_spec(
            values,
            columns=tuple(name for name, _ in features),
            whole=tuple(column.dtype.kind in "iub" for _, column in features),
            classes=encoded[1] if encoded else (),
        )
        return Dataset(
            values=values, spec=spec, labels=encoded[0] if encoded else None, notes=tuple(notes)
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


def _without_index(columns: Columns) -> tuple[Columns, list[str]]:
    """Drop the nameless column of row numbers that saving a data-frame adds."""
    name, first = columns[0] if columns else ("", None)
    if (
        len(columns) > 1
        and name in ("", "Unnamed: 0")
        and first is not None
        and first.tolist() == list(range(len(first)))
    ):
        return columns[1:], ["column of row numbers left out"]
    return columns, []


def _find_labels(
    columns: Columns, options: Options, names: tuple[str, ...]
) -> tuple[str | None, tuple[Array, tuple[str, ...]] | None]:
    """Name and content of the column of classes. Raises `UserError` where one was asked for that
    holds no classes."""
    wanted = (
        [options.label]
        if options.label
        else [name for name, _ in columns if name.lower() in labels.COLUMNS]
    )
    for label in wanted:
        column = next(column for name, column in columns if name == label)
        encoded = labels.encode(column.to_numpy(), names)
        if encoded is not None:
            return label, encoded
        if options.label:
            raise UserError(
                f"label={label!r} was given; this column holds fractions or has missing values, so"
                " it names no classes"
            )
    return None, None


def _is_numeric(column: pd.Series[Any]) -> bool:
    from pandas.api import types

    return bool(types.is_numeric_dtype(column.dtype)) and not types.is_complex_dtype(column.dtype)


def _numbers(column: pd.Series[Any]) -> Array:
    """The column as an array; what is missing is NaN."""
    if column.isna().any():
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    array = column.to_numpy()
    return array if array.dtype.kind in "iufb" else column.to_numpy(dtype=np.float64)


def _check_features(features: list[tuple[str, Array]], names: list[str], options: Options) -> None:
    if not features:
        raise UserError(
            f"the table has no column of numbers (columns: {_list(names) or 'none'}); at least one"
            " is needed"
        )
    if len(features[0][1]) == 0:
        raise UserError("the table has no rows; at least one is needed")
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


def _stack(columns: list[Array]) -> Array:
    """(N, D) in the columns' common integer type, or in double precision where one holds
    fractions."""
    columns = [
        column.astype(np.int64) if column.dtype.kind == "b" else column for column in columns
    ]
    common = np.result_type(*columns)
    return np.stack(columns, 1).astype(
        common if common.kind in "iu" or common == np.float32 else np.float64, copy=False
    )


def _list(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
