"""What stands in each column of a table, in a line: its kind, its values, what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...core.spec import Column, TableSpec
from ..columns.frames import to_series
from ..dataset import Array, Dataset
from ..vector_spec import column_names

_LEVELS = 4  # that a line counts


@dataclass(frozen=True)
class ColumnSummary:
    """One column of a table; the numbers are of the values that are there, and of levels of their
    indices. ``ends`` are the least and the greatest as they are written, ``levels`` how many rows
    the commonest have."""

    name: str
    low: float
    mean: float
    high: float
    missing: int
    kind: str = ""
    ends: tuple[str, str] = ("", "")
    levels: dict[str, int] = field(default_factory=dict)
    share: float = 0.0

    @property
    def constant(self) -> bool:
        """Whether the column never changes."""
        return self.low == self.high

    def line(self) -> str:
        """Name, kind, values and what is wrong."""
        kind = f"{self.kind}, " if self.kind else ""
        trouble = ", constant" if self.constant else ""
        if self.missing:
            trouble += f", {self.missing:,} missing ({self.share:.1%})"
        return f"  {self.name}: {kind}{self._values()}{trouble}"

    def _values(self) -> str:
        if self.levels:
            shown = [f"{level} {count:,}" for level, count in list(self.levels.items())[:_LEVELS]]
            more = len(self.levels) - len(shown)
            return ", ".join([*shown, *([f"and {more:,} more"] if more else [])])
        mean = "" if self.kind == "date" else f", mean {self.mean:.4g}"
        return f"{self.ends[0]} to {self.ends[1]}{mean}"


def summaries(data: Dataset) -> list[ColumnSummary]:
    """One for each column of a table."""
    fields = data.spec.fields if isinstance(data.spec, TableSpec) else None
    return [
        _summary(name, data.values[:, i].astype(np.float64), fields[i] if fields else None)
        for i, name in enumerate(column_names(data.spec))
    ]


def _summary(name: str, values: Array, about: Column | None) -> ColumnSummary:
    there = values[np.isfinite(values)]
    low, mean, high = (there.min(), there.mean(), there.max()) if len(there) else (np.nan,) * 3
    levels = {}
    if about is not None and about.levelled and len(there):
        order, counts = by_count(there, about)
        levels = {str(about.levels[k]): int(count) for k, count in zip(order, counts, strict=True)}
    return ColumnSummary(
        name,
        float(low),
        float(mean),
        float(high),
        len(values) - len(there),
        about.kind if about else "",
        (at(low, about), at(high, about)),
        levels,
        1 - len(there) / max(1, len(values)),
    )


def by_count(indices: Array, about: Column) -> tuple[Array, Array]:
    """The levels that are there, the commonest first, and the rows that each has."""
    counts = np.bincount(indices.astype(int), minlength=len(about.levels))
    order = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
    return order, counts[order]


def at(value: float, about: Column | None) -> str:
    """A number of a column as it is written."""
    if about is not None and about.kind == "date" and np.isfinite(value):
        return str(to_series(np.array([value]), about)[0])
    whole = about is not None and about.kind == "integer" and abs(value) < 1e15
    return f"{value:,.0f}" if whole else f"{value:.4g}"
