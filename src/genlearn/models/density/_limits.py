"""What conditions on columns leave of [0, 1], the range of each column's distribution function."""

from __future__ import annotations

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from ...core.errors import UserError
from ...core.spec import Column, DataSpec, TableSpec
from ...data.columns.written import MISSING, as_float, number_of
from ...data.vector_spec import column_names
from ...nets.autoregressive.margins import Margins
from ._where import Condition

Intervals = list[tuple[float, float]]
_EVERYTHING: Intervals = [(0.0, 1.0)]


def limits(asked: list[Condition], spec: DataSpec, margins: Margins) -> dict[int, Tensor]:
    """Of each column that is asked about, disjoint intervals (A, 2); one without length is a value.
    Raises `UserError` for a value that is none of the column's."""
    found: dict[int, Intervals] = {}
    for one in asked:
        if isinstance(spec, TableSpec):
            here = _of_column(one, spec.fields[one.column])
        else:
            here = _of_numbers(one, spec, margins)
        found[one.column] = _both(found.get(one.column, _EVERYTHING), here)
    return {i: torch.tensor(one, dtype=torch.float64).reshape(-1, 2) for i, one in found.items()}


def _of_column(asked: Condition, column: Column) -> Intervals:
    if asked.operator not in ("=", "!=") and column.kind in ("category", "boolean"):
        raise UserError(
            f"{column.name}{asked.operator}{asked.values[0]} was given, and the levels of that"
            " column have no order; ask for some of them: a|b"
        )
    there = (column.missing, 1.0)
    equal = []
    for value in asked.values:
        if value == MISSING and value not in map(str, column.levels):
            if not column.missing:
                raise UserError(f"column {column.name!r} has no missing values to ask for")
            equal.append((0.0, column.missing))
            continue
        number = number_of(value, column)
        ends = _ends(number, column)
        if asked.operator not in ("=", "!=") or _is_drawn(number, ends, column):
            equal.append(ends)
    return _compared(asked, equal, there, column.name)


def _ends(value: float, column: Column) -> tuple[float, float]:
    """The distribution function just below a value and at it, where that has a part of it."""
    if value < min(column.low) or value > max(column.high):
        end = column.missing if value < min(column.low) else 1.0
        return end, end
    at = [column.to_normal(np.array([value]), np.array([share])) for share in (0.0, 1.0)]
    low, high = (float(ndtr(z)[0]) for z in at)
    return low, high


def _is_drawn(value: float, ends: tuple[float, float], column: Column) -> bool:
    """Whether the column has this very value, and not only others beside it."""
    back = column.from_normal(np.array([ndtri(sum(ends) / 2)]))[0]
    inside = min(column.low) <= value <= max(column.high)
    return inside and abs(back - value) <= (column.step / 4 or 1e-6 * column.scale)


def _of_numbers(asked: Condition, spec: DataSpec, margins: Margins) -> Intervals:
    name, equal = f"column {column_names(spec)[asked.column]!r}", []
    for value in asked.values:
        row = np.array(getattr(spec, "mean", np.zeros(spec.dim)), np.float64)
        row[asked.column] = as_float(value, name)
        x = spec.to_internal(row[None]).to(margins.knots.device)
        u = float(margins(x)[0, asked.column])
        equal.append((u, u))
    return _compared(asked, equal, (0.0, 1.0), name)


def _compared(
    asked: Condition, equal: Intervals, there: tuple[float, float], name: str
) -> Intervals:
    if asked.operator == "=":
        return sorted(equal)
    if asked.operator == "!=":
        rest: Intervals = [(0.0, 1.0) if (0.0, there[0]) in equal else there]
        for low, high in equal:
            rest = _both(rest, [(0.0, low), (high, 1.0)])
        return rest
    if len(equal) > 1:
        raise UserError(
            f"{name}{asked.operator}{'|'.join(asked.values)} was given; {asked.operator} takes one"
            " value"
        )
    low, high = equal[0]
    ends = {
        "<": (there[0], low),
        "<=": (there[0], high),
        ">": (high, 1.0),
        ">=": (low, 1.0),
    }
    start, end = ends[asked.operator]
    return [(start, end)] if start < end else []


def _both(a: Intervals, b: Intervals) -> Intervals:
    """What lies in both; of a value, itself."""
    shared = [(max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b]
    values = {x for x in (*a, *b) if x[0] == x[1]}
    return sorted({(low, high) for low, high in shared if low < high or (low, high) in values})
