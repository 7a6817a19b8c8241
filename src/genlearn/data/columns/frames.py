"""Between data-frames and the numbers that stand for their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import UserError, nearest
from ...core.spec import Column, DataSpec, TableSpec
from ..dataset import Array
from .kinds import are_moments, indices, is_iso, is_text, seconds
from .numbers import numbers

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 3  # values in a line


def to_frame(values: Array, spec: TableSpec, index: Any = None) -> pd.DataFrame:
    """Rows (n, D) of numbers as what they stand for: names, types, categories and what is missing
    as they were learned from."""
    import pandas as pd

    columns = {column.name: to_series(values[:, i], column) for i, column in enumerate(spec.fields)}
    frame = pd.DataFrame(columns)
    if index is not None:
        frame.index = index
    return frame


def as_numbers(examples: Any, spec: DataSpec) -> Array:
    """Examples in the user's units as an array: rows of a data-frame as numbers."""
    if not isinstance(spec, TableSpec) or isinstance(examples, np.ndarray):
        return np.asarray(examples)
    return from_frame(examples, spec)[0]


def to_series(values: Array, column: Column) -> pd.Series[Any]:
    """Numbers (n,) as the column that they stand for."""
    import pandas as pd

    gone = np.isnan(values)
    if column.levelled:
        codes = np.where(gone, -1, values).astype(int)
        if column.dtype == "category":
            categories: Any = pd.Index(list(column.levels))
            return pd.Series(pd.Categorical.from_codes(codes, categories, column.kind == "ordered"))
        levels = np.array([*column.levels, None], dtype=object)
        return _as_type(pd.Series(levels[codes], dtype=object), column.dtype)
    if column.kind == "date":
        return _moments(values, column)
    if column.dtype.startswith(("int", "uint")):
        kind = np.iinfo(column.dtype)
        return _as_type(pd.Series(values.round().clip(kind.min, kind.max)), column.dtype)
    return _as_type(pd.Series(values).mask(gone), column.dtype)


def from_frame(frame: Any, spec: TableSpec) -> tuple[Array, list[str]]:
    """The rows of a data-frame as numbers (n, D), and notes. Raises `UserError` where a column is
    missing or holds what ``spec`` has no number for."""
    table: pd.DataFrame = (
        frame.to_pandas() if type(frame).__module__.startswith("polars") else frame
    )
    table = table.set_axis([str(name) for name in table.columns], axis=1)
    rows, notes = [], []
    for column in spec.fields:
        if column.name not in table.columns:
            raise UserError(
                f"the column {column.name!r} is missing, which the model was fitted on;"
                f" {nearest(column.name, table.columns)}"
            )
        values, note = _from_series(table[column.name], column)
        rows.append(values)
        notes += [note] if note else []
    if others := [name for name in table.columns if name not in spec.columns]:
        notes.append(f"columns that were not learned from left out: {', '.join(others)}")
    return np.stack(rows, 1), notes


def _from_series(series: pd.Series[Any], column: Column) -> tuple[Array, str]:
    if column.levelled:
        return _known_levels(series, column)
    if column.kind == "date":
        there = series.dropna()
        if not (are_moments(series) or (is_text(there) and is_iso(there))):
            raise _unlike(series, column, "dates")
        return seconds(series), ""
    if series.isna().all():
        return np.full(len(series), np.nan), ""
    values = numbers(series)
    if values is None:
        raise _unlike(series, column, "numbers")
    return values.astype(np.float64), ""


def _known_levels(series: pd.Series[Any], column: Column) -> tuple[Array, str]:
    """Indices of levels; one that was not learned from is missing where the column has missing
    values, and told."""
    codes = indices(series, column.levels)
    new = series[np.isnan(codes) & np.asarray(series.notna())]
    if not len(new):
        return codes, ""
    shown = ", ".join(repr(value) for value in list(dict.fromkeys(new))[:_SHOWN])
    if not column.missing:
        raise UserError(
            f"column {column.name!r} has values that were not learned from, such as {shown}"
            f" ({len(new):,} row{'s' * (len(new) > 1)}); leave those rows out, or learn from all"
        )
    return codes, (
        f"column {column.name!r}: {len(new):,} values that were not learned from, such as {shown},"
        " are taken as missing"
    )


def _unlike(series: pd.Series[Any], column: Column, what: str) -> UserError:
    return UserError(
        f"column {column.name!r} holds {series.dropna().iloc[0]!r}; the model was fitted on {what}"
        " there"
    )


def _moments(values: Array, column: Column) -> pd.Series[Any]:
    """Seconds as dates or durations, and as text where they came so."""
    import pandas as pd

    micros = np.where(np.isnan(values), 0, values * 1e6).round().astype(np.int64)
    kind = "timedelta64[us]" if column.dtype.startswith("timedelta") else "datetime64[us]"
    moments: Any = pd.Series(micros.astype(kind)).mask(np.isnan(values))
    if column.dtype.startswith(("timedelta", "datetime")):
        if "," in column.dtype:
            zone = column.dtype.split(",")[1].strip(" ]")
            moments = moments.dt.tz_localize("UTC").dt.tz_convert(zone)
        return _as_type(moments, column.dtype)
    days, whole = column.step % 86_400 == 0, column.step % 1 == 0
    form = "%Y-%m-%d" if days else "%Y-%m-%d %H:%M:%S" if whole else "%Y-%m-%d %H:%M:%S.%f"
    text = moments.dt.strftime(form)
    return _as_type(text.astype(object).where(moments.notna(), None), column.dtype)


def _as_type(series: pd.Series[Any], dtype: str) -> pd.Series[Any]:
    """Of the type that it had, where there still is such a type."""
    untyped: Any = series
    try:
        found: pd.Series[Any] = untyped.astype(dtype)
    except (TypeError, ValueError):
        return series.infer_objects()
    return found
