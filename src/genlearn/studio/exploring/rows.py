"""Rows of a table as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...core.capabilities import Array
from ...core.spec import DataSpec
from ...core.spreadsheet import without_formulas
from ...explore import show

_COLUMNS, _LETTERS = 5, 90  # of a row, as its name


@dataclass(frozen=True)
class Rows:
    """``cells`` of rows as a page shows them, below the names of their ``columns``; with ``heads``
    where rows have names."""

    columns: list[str]
    cells: list[list[str]]
    heads: list[str] | None = None


def rows_of(values: Array, spec: DataSpec, heads: list[str] | None = None) -> Rows:
    """Examples (n, D) in the user's units as text."""
    frame = _frame(values, spec)
    cells = [[_text(cell) for cell in row] for row in frame.itertuples(index=False, name=None)]
    return Rows([str(name) for name in frame.columns], cells, heads)


def row_names(values: Array, spec: DataSpec) -> list[str]:
    """Their first values, as a line for each."""
    rows = rows_of(values, spec)
    named = rows.columns[:_COLUMNS]
    lines = (
        " · ".join(f"{name} {cell}" for name, cell in zip(named, cells, strict=False))
        for cells in rows.cells
    )
    return [line if len(line) <= _LETTERS else line[: _LETTERS - 1] + "…" for line in lines]


def as_csv(values: Array, spec: DataSpec) -> bytes:
    """Examples (n, D) in the user's units as a file for spreadsheets."""
    return without_formulas(_frame(values, spec)).to_csv(index=False).encode()


def _frame(values: Any, spec: DataSpec) -> pd.DataFrame:
    frame: pd.DataFrame = show(values, spec)
    return frame


def _text(cell: Any) -> str:
    if pd.isna(cell):
        return "missing"
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)
