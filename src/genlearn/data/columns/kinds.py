"""What a column of a data-frame holds: its kind, its values as numbers, or why it is left out.

The kind follows from the column's type and all of its values. Text is a category where its values
repeat; where nearly each row has its own it names the rows or is free text, of which no
distribution over rows can be learned; whole numbers that count the rows, in a column that is called
an index, are left out for the same reason. What is asked for by name goes before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import UserError, nearest
from ...core.spec.columns import Kind, Level
from ..dataset import Array
from .numbers import numbers, reads_as_numbers, why_none

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("continuous", "integer", "boolean", "category", "ordered", "date")
LEAVE = "leave"  # asked for in place of a kind, to leave a column out
_OWN = 0.9  # share of values that stand in one row alone, above which text names rows
_FEW = 20  # rows up to which values need not repeat
_INDEX = re.compile(r"(?i:^(id|index|no|nr|row|number)$|[ _.-](id|index|no|nr)$)|[a-z](Id|ID)$")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?")


@dataclass(frozen=True)
class Typed:
    """A column's ``kind``, ``values`` (n,) as numbers, NaN where missing, the ``levels`` that they
    index, and its ``dtype``."""

    kind: Kind
    values: Array
    dtype: str
    levels: tuple[Level, ...] = ()


def typed_column(column: pd.Series[Any], asked: str | None = None) -> Typed | str:
    """The column as numbers, or the reason to leave it out."""
    if asked == LEAVE:
        return "as asked"
    if asked is not None:
        return _as_asked(column, asked)
    return _found(column)


def check_asked(asked: dict[str, str], names: list[str]) -> None:
    """Raise `UserError` for a column or a kind that there is not."""
    for name, kind in asked.items():
        if name not in names:
            raise UserError(
                f"a kind was given for column {name!r}, which the table has not;"
                f" {nearest(name, names)}"
            )
        if kind not in (*KINDS, LEAVE):
            raise UserError(
                f"the kind {kind!r} was given for column {name!r}; a column is"
                f" {', '.join(KINDS)}, or {LEAVE} to leave it out"
            )


def _found(column: pd.Series[Any]) -> Typed | str:
    import pandas as pd
    from pandas.api import types

    kind = column.dtype
    if column.isna().all():
        return "they are empty"
    if isinstance(kind, pd.CategoricalDtype):
        return _categories(column)
    if are_moments(column):
        return _dates(column)
    values = numbers(column)
    if types.is_bool_dtype(kind) or (values is not None and values.dtype.kind == "b"):
        return _levels(column, "boolean", (False, True))
    return _of_objects(column) if values is None else _numbers(column, values)


def _of_objects(column: pd.Series[Any]) -> Typed | str:
    if not is_text(column):
        return why_none(column)
    return _dates(column) if is_iso(column) else _text(column)


def _as_asked(column: pd.Series[Any], asked: str) -> Typed | str:
    """Raises `UserError` where the values are not of that kind."""
    if asked in ("category", "ordered"):
        kind: Kind = "ordered" if asked == "ordered" else "category"
        return _levels(column, kind, _distinct(column))
    if asked == "boolean":
        levels = _distinct(column)
        if len(levels) > 2:
            raise _wrong(column, asked, f"it has {len(levels)} different values")
        return _levels(column, "boolean", levels)
    if asked == "date":
        if not are_moments(column) and not (is_text(column) and is_iso(column)):
            raise _wrong(column, asked, "dates are written as 2026-11-28, with or without a time")
        return _dates(column)
    values = numbers(column)
    if values is None:
        raise _wrong(column, asked, "it holds no numbers")
    values = values.astype(np.float64)
    if asked == "integer" and not _are_whole(values):
        raise _wrong(column, asked, "it holds fractions")
    return Typed("integer" if asked == "integer" else "continuous", values, str(column.dtype))


def _wrong(column: pd.Series[Any], asked: str, why: str) -> UserError:
    return UserError(
        f"the kind {asked!r} was given for column {str(column.name)!r}, but {why}; give another, or"
        " leave it out"
    )


def _numbers(column: pd.Series[Any], values: Array) -> Typed | str:
    dtype = str(column.dtype) if column.dtype != object else str(values.dtype)
    whole = values.dtype.kind in "iu" or _are_whole(values)
    if values.dtype.kind in "iu" and _INDEX.search(str(column.name)) and _counts_rows(values):
        return "they number the rows"
    return Typed("integer" if whole else "continuous", values.astype(np.float64), dtype)


def _counts_rows(values: Array) -> bool:
    """Whether whole numbers are those from one on to the next, each once, in order."""
    return len(values) > _FEW and bool((np.diff(values.astype(object)) == 1).all())


def _text(column: pd.Series[Any]) -> Typed | str:
    there = column.dropna().astype(str)
    counts = there.value_counts()
    if len(there) > _FEW and int((counts == 1).sum()) > _OWN * len(there):
        if reads_as_numbers(there):
            return "they are text, though of numbers (astype(float) makes numbers of it)"
        words = np.mean([len(str(text).split()) for text in there.head(1000)])
        return "they are free text" if words > 3 else "they name the rows, nearly each its own"
    return _levels(column, "category", tuple(sorted(counts.index)))


def _categories(column: pd.Series[Any]) -> Typed | str:
    import pandas as pd

    assert isinstance(column.dtype, pd.CategoricalDtype)
    codes = np.asarray(column.cat.codes, np.float64)
    levels = tuple(_plain(level) for level in column.cat.categories)
    kind: Kind = "ordered" if column.cat.ordered else "category"
    return Typed(kind, np.where(codes < 0, np.nan, codes), "category", levels)


def _levels(column: pd.Series[Any], kind: Kind, levels: tuple[Level, ...]) -> Typed:
    return Typed(kind, indices(column, levels), str(column.dtype), levels)


def indices(column: pd.Series[Any], levels: tuple[Level, ...]) -> Array:
    """Of each value its place among ``levels``, (n,), NaN where it has none."""
    import pandas as pd

    places, distinct = pd.factorize(column)  # -1 where missing
    known = {level: place for place, level in enumerate(levels)}
    found = np.array([known.get(_plain(value), np.nan) for value in distinct] + [np.nan])
    return np.asarray(found[places])


def _distinct(column: pd.Series[Any]) -> tuple[Level, ...]:
    found = {_plain(value) for value in column.dropna().unique()}
    return tuple(sorted(found, key=lambda level: (isinstance(level, str), level)))


def seconds(column: pd.Series[Any]) -> Array:
    """Seconds since 1970, or of a duration, (n,), NaN where missing."""
    import pandas as pd
    from pandas.api import types

    if types.is_timedelta64_dtype(column.dtype):
        return np.asarray(column.dt.total_seconds(), np.float64)
    known = types.is_datetime64_any_dtype(column.dtype)
    moments = column if known else pd.to_datetime(column, format="ISO8601")
    if getattr(moments.dt, "tz", None) is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    micros = moments.astype("datetime64[us]")
    whole = np.asarray(micros).astype("datetime64[us]").astype(np.int64).astype(np.float64)
    return np.where(np.asarray(micros.isna()), np.nan, whole / 1e6)


def _dates(column: pd.Series[Any]) -> Typed:
    return Typed("date", seconds(column), str(column.dtype))


def are_moments(column: pd.Series[Any]) -> bool:
    """Whether the column is of dates, times or durations."""
    from pandas.api import types

    kind = column.dtype
    return types.is_datetime64_any_dtype(kind) or types.is_timedelta64_dtype(kind)


def is_text(column: pd.Series[Any]) -> bool:
    """Whether all values that are there are text."""
    import pandas as pd

    return isinstance(column.dtype, pd.StringDtype) or all(
        isinstance(value, str) for value in column.dropna()
    )


def is_iso(column: pd.Series[Any]) -> bool:
    """Whether all texts that are there are dates as ISO 8601 writes them."""
    import pandas as pd

    there = column.dropna()
    if not all(_ISO.fullmatch(value) for value in there):
        return False
    return bool(pd.to_datetime(there, format="ISO8601", errors="coerce").notna().all())


def _are_whole(values: Array) -> bool:
    there = values[np.isfinite(values.astype(np.float64))]
    return bool(len(there) and (there == np.rint(there)).all())


def _plain(value: Any) -> Level:
    """A level as JSON has it."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    return str(value)
