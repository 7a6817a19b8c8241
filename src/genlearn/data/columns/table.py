"""Tables as their columns say: a spec of all columns together, and anew for a part of the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...core.spec import Column, TableSpec
from ...core.spec.columns import Kind
from ..dataset import Array
from .kinds import Typed
from .ordering import orders
from .pieces import Pieces, lattice, spread

_UNITS = (86_400, 3600, 60)  # seconds
_ENOUGH = 20_000  # rows by which levels are brought into an order


def table_spec(columns: dict[str, Typed], classes: tuple[str, ...] = ()) -> TableSpec:
    """The spec of columns by name, whose values have one length."""
    found = [_column(name, typed, len(columns)) for name, typed in columns.items()]
    values = np.stack([typed.values for typed in columns.values()], 1)
    return TableSpec(
        shape=(len(found),),
        dtype="float64",
        classes=classes,
        fields=tuple(_in_order(found, values)),
    )


def refit(spec: TableSpec, values: Array) -> TableSpec:
    """``spec`` with the shares that its columns have in ``values`` (n, D) alone; kinds, levels and
    their order stay."""
    columns = []
    for column, rows in zip(spec.fields, values.T, strict=True):
        there = rows[~np.isnan(rows)]
        gone = max(1 - len(there) / len(rows), 0.5 / len(rows)) if column.missing else 0.0
        if not len(there):
            columns.append(column)
            continue
        pieces = (
            _shares(there, np.array(column.low) + 0.5)
            if column.levelled
            else spread(there, column.step, len(spec.fields))
        )
        columns.append(_with(replace(column, missing=gone), pieces))
    return replace(spec, fields=tuple(columns))


def _column(name: str, typed: Typed, width: int) -> Column:
    there = typed.values[~np.isnan(typed.values)]
    step, decimals = (1.0, 0) if typed.levels else _lattice(typed.kind, there)
    if typed.levels:
        pieces = _shares(there, np.arange(len(typed.levels)))
    else:
        pieces = spread(there, step, width)
    return _with(
        Column(
            name=name,
            kind=typed.kind,
            dtype=typed.dtype,
            low=(),
            high=(),
            mass=(),
            missing=1 - len(there) / len(typed.values),
            step=step,
            decimals=decimals,
            levels=typed.levels,
        ),
        pieces,
    )


def _lattice(kind: Kind, values: Array) -> tuple[float, int | None]:
    """`lattice`; dates go by whole days, hours or minutes where all of them do."""
    unit = next((u for u in _UNITS if (values % u == 0).all()), 1) if kind == "date" else 1
    step, decimals = lattice(values / unit)
    return step * unit, decimals if unit == 1 else 0


def _shares(indices: Array, levels: Array) -> Pieces:
    """The share of each of the ``levels`` among ``indices``."""
    counts = np.bincount(indices.astype(int), minlength=len(levels))[levels.astype(int)]
    return Pieces(levels - 0.5, levels + 0.5, counts / max(1, counts.sum()))


def _in_order(columns: list[Column], values: Array) -> list[Column]:
    """The columns with levels that have no order of their own in the order that the others give."""
    free = {i: column for i, column in enumerate(columns) if column.kind == "category"}
    indices = {i: np.where(np.isnan(values[:, i]), -1, values[:, i]).astype(int) for i in free}

    def ordered(order: dict[int, Array]) -> list[Column]:
        return [
            _with(column, _shares(indices[i][indices[i] >= 0], order[i])) if i in order else column
            for i, column in enumerate(columns)
        ]

    some = np.linspace(0, len(values) - 1, min(len(values), _ENOUGH)).astype(int)

    def normal(order: dict[int, Array]) -> Array:
        half = np.full(len(some), 0.5)
        return np.stack(
            [column.to_normal(values[some, i], half) for i, column in enumerate(ordered(order))], 1
        )

    if not free:
        return columns
    sizes = {i: len(column.levels) for i, column in free.items()}
    return ordered(orders({i: rows[some] for i, rows in indices.items()}, sizes, normal))


def _with(column: Column, pieces: Pieces) -> Column:
    return replace(
        column,
        low=tuple(pieces.low.tolist()),
        high=tuple(pieces.high.tolist()),
        mass=tuple(pieces.mass.tolist()),
    )
