"""Columns of a data-frame as numbers, whatever these are stored as, or why a column holds none."""

from __future__ import annotations

import math
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]


def numbers(column: pd.Series[Any]) -> Array | None:
    """The column as an array of integers, booleans or floats, NaN where a number is missing; None
    where it holds anything else, or nothing."""
    from pandas.api import types

    kind = column.dtype
    if types.is_object_dtype(kind):
        return _of_objects(column)
    if not types.is_numeric_dtype(kind) or types.is_complex_dtype(kind):
        return None
    if column.isna().any():
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    array = column.to_numpy()
    if array.dtype.kind not in "iufb" or array.dtype.itemsize > 8:
        array = column.to_numpy(dtype=np.float64)
    return np.asarray(array, array.dtype.newbyteorder("="))


def why_none(column: pd.Series[Any]) -> str:
    """Why a column of objects is not used."""
    kinds = sorted({type(item).__name__ for item in column.dropna().head(1000)})
    if len(kinds) > 1:
        return f"they mix {' and '.join(kinds[:3])}"
    return f"they are neither numbers nor text ({kinds[0] if kinds else column.dtype})"


def reads_as_numbers(column: pd.Series[Any]) -> bool:
    """Whether text is of numbers."""
    import pandas as pd

    some = column.dropna().head(1000)
    return bool(pd.to_numeric(some, errors="coerce").notna().all())


def _of_objects(column: pd.Series[Any]) -> Array | None:
    """Python's own numbers, decimals among them, and booleans; None where anything else is
    there."""
    there = column.dropna()
    if not len(there) or not all(isinstance(item, (Number, np.bool_)) for item in there):
        return None
    if any(isinstance(item, complex) for item in there):
        return None
    if len(there) == len(column):
        exact = np.array(there.tolist())
        if exact.dtype.kind in "iub":
            return exact
    known = column.notna()
    return np.array([_float(x) if here else np.nan for x, here in zip(column, known, strict=True)])


def _float(item: Any) -> float:
    """The nearest floating-point number; infinite beyond the largest."""
    try:
        return float(item)
    except OverflowError:
        return math.inf if item > 0 else -math.inf
