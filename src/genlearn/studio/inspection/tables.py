"""Columns of a table as pages show them, and its first rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.spec import Column, TableSpec
from ...core.text import printable
from ...data.columns.frames import to_frame
from ...data.dataset import Array, Dataset
from ...data.inspect.columns import ColumnSummary, at, by_count
from .findings import Bars, ColumnFound

_BINS = 30
_MOST = 200  # columns that are shown
_ROWS, _WIDE = 8, 60  # rows, and characters of a cell
_LEVELS = 4  # that are named


def columns_found(data: Dataset, summaries: list[ColumnSummary]) -> list[ColumnFound]:
    """Of the first 200 columns."""
    fields = data.spec.fields if isinstance(data.spec, TableSpec) else None
    return [
        ColumnFound(
            name=printable(one.name),
            kind=one.kind,
            about=_about(one),
            bars=_bars(data.values[:, i].astype(np.float64), fields[i] if fields else None),
            missing=f"{one.missing:,} missing ({one.share:.1%})" if one.missing else "",
            constant=one.constant,
        )
        for i, one in enumerate(summaries[:_MOST])
    ]


def first_rows(data: Dataset) -> tuple[list[str], list[list[str]]]:
    """Names of the columns, the classes' last, and the first rows as they were understood."""
    values, spec = data.values[:_ROWS], data.spec
    if isinstance(spec, TableSpec):
        frame = to_frame(np.asarray(values), spec)
        header, rows = list(frame.columns), frame.to_numpy(dtype=object).tolist()
    else:
        header, rows = [f"x{i}" for i in range(values.shape[1])], values.tolist()
    cells = [[_cell(value) for value in row[:_MOST]] for row in rows]
    header = [printable(str(name)) for name in header[:_MOST]]
    if data.labels is not None:
        header = [*header, "class"]
        for row, label in zip(cells, data.labels, strict=False):
            row.append(_cell(spec.classes[label] if label < len(spec.classes) else label))
    return header, cells


def _about(one: ColumnSummary) -> str:
    if not one.levels:
        mean = "" if one.kind == "date" else f", mean {one.mean:.4g}"
        return f"{one.ends[0]} to {one.ends[1]}{mean}"
    shown = [f"{printable(level)} {n:,}" for level, n in list(one.levels.items())[:_LEVELS]]
    more = len(one.levels) - len(shown)
    return ", ".join([*shown, *([f"and {more:,} more"] if more else [])])


def _bars(values: Array, about: Column | None) -> Bars:
    there = values[np.isfinite(values)]
    if not len(there):
        return Bars([])
    if about is not None and about.levelled:
        order, counts = by_count(there, about)
        ends = [printable(str(about.levels[order[k]])) for k in (0, min(len(order), _BINS) - 1)]
        return Bars(counts[:_BINS].tolist(), ends[0], ends[1] if len(order) > 1 else "")
    counts = np.histogram(there, _BINS if there.min() < there.max() else 1)[0]
    return Bars(counts.tolist(), at(there.min(), about), at(there.max(), about))


def _cell(value: Any) -> str:
    import pandas as pd

    if pd.isna(value):
        return ""
    text = printable(f"{value:.6g}" if isinstance(value, float) else str(value))
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 1]}…"
