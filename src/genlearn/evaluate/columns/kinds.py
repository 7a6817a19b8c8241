"""Rows of a table by the kinds of their columns, for metrics that count levels: numbers are floats,
NaN where missing, and levels are whole numbers, -1 where missing."""

from __future__ import annotations

import numpy as np

from ...core.capabilities import Array
from ...core.spec import DataSpec, TableSpec
from ...data.columns.frames import as_numbers


def by_kind(rows: Array, spec: DataSpec) -> Array:
    """Rows in the user's units as a structured array (n,) with a field for each column, named by
    its number; all are numbers where the data are an array."""
    values = as_numbers(rows, spec).reshape(len(rows), -1).astype(np.float64)
    fields = spec.fields if isinstance(spec, TableSpec) else ()
    levelled = [field.levelled for field in fields] or [False] * values.shape[1]
    found = np.empty(
        len(values), [(f"{i}", "i8" if one else "f8") for i, one in enumerate(levelled)]
    )
    for i, one in enumerate(levelled):
        column = values[:, i]
        found[f"{i}"] = np.where(np.isnan(column), -1, column).astype(int) if one else column
    return found


def columns_of(rows: Array) -> list[Array]:
    """The columns (n,) of a structured array."""
    return [rows[name] for name in rows.dtype.names or ()]


def is_number(column: Array) -> bool:
    """Whether a column holds numbers; else it holds levels."""
    return column.dtype.kind == "f"


def overlap(a: Array, b: Array) -> float:
    """1 - the total variation of two sets of whole numbers, in [0, 1]."""
    _, codes = np.unique(np.concatenate([a, b]), return_inverse=True)
    size = int(codes.max(initial=0)) + 1
    p, q = (np.bincount(c, minlength=size) / max(1, len(c)) for c in np.split(codes, [len(a)]))
    return 1 - float(np.abs(p - q).sum()) / 2
