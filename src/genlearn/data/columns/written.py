"""Values of columns as people write them: a number, a date, a level, or ``missing``."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...core.errors import UserError
from ...core.spec import Column

MISSING = "missing"


def number_of(value: str, column: Column) -> float:
    """What stands for ``value`` in a column. Raises `UserError` where nothing does."""
    if column.levelled:
        names = [str(level) for level in column.levels]
        if value not in names:
            lowered = [name.lower() for name in names]
            if lowered.count(value.lower()) != 1:
                raise UserError(
                    f"column {column.name!r} has no value {value!r}; it has"
                    f" {', '.join(_few(names))}"
                )
            return float(lowered.index(value.lower()))
        return float(names.index(value))
    return (
        _moment(value, column)
        if column.kind == "date"
        else as_float(value, f"column {column.name!r}")
    )


def _moment(value: str, column: Column) -> float:
    import pandas as pd

    try:
        if column.dtype.startswith("timedelta"):
            return float(pd.Timedelta(value).total_seconds())
        stamp = pd.Timestamp(value)
        return float((stamp.tz_localize(None) - pd.Timestamp(0)).total_seconds())
    except ValueError:
        raise UserError(f"column {column.name!r} holds dates; {value!r} is none") from None


def as_float(value: str, name: str) -> float:
    """The number that is written as ``value``. Raises `UserError`, about ``name``, for none."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UserError(
            f"{name} holds numbers, and {value!r} is none; what is missing is asked for as"
            f" {MISSING}"
        ) from None
    return number


def _few(names: list[str], most: int = 10) -> Iterator[str]:
    yield from map(repr, names[:most])
    if len(names) > most:
        yield f"and {len(names) - most} more"
