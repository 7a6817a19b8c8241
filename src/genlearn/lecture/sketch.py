"""Figures from arrays: each is given its words by its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..core.capabilities import Array
from ..core.panels import LinePanel
from ..core.spec import DataSpec, ImageSpec, TableSpec
from ..data.columns.frames import to_frame
from ..data.dataset import Dataset
from .figures import Cells, Figure, Frames, Map, Pictures, Plane, Rows
from .strings import Strings

_ROWS, _COLUMNS = 8, 7  # of a table that stands for examples
_POINTS = 600


@dataclass(frozen=True)
class Sketch:
    """Draws for data of the kind ``spec``, in the words of ``strings``."""

    spec: DataSpec
    strings: Strings

    def examples(
        self, key: str, values: Any, columns: int = 12, rows: Sequence[str] = ()
    ) -> Pictures | Rows:
        """Examples in the user's units, as images or as a table."""
        if isinstance(self.spec, ImageSpec):
            return Pictures(
                **self._said(key),
                values=np.asarray(values),
                spec=self.spec,
                columns=columns,
                rows=tuple(self._name(row) for row in rows),
            )
        frame = self._frame(values)
        kept = frame.iloc[:_ROWS, :_COLUMNS]
        return Rows(
            **self._said(key),
            head=tuple(map(str, kept.columns)),
            rows=tuple(tuple(map(_short, row)) for row in kept.itertuples(index=False)),
        )

    def curves(
        self, key: str, series: dict[str, Array], *, log_x: bool = False, log_y: bool = False
    ) -> LinePanel:
        """Lines by name; the axes are named by the strings."""
        said = self.strings.figure(key)
        points = {self._name(name): np.asarray(line, float) for name, line in series.items()}
        return LinePanel(
            **self._said(key),
            x=said["x"],
            y=said["y"],
            series=points,
            log_x=log_x,
            log_y=log_y,
        )

    def map(self, key: str, points: Array, some: Dataset) -> Map:
        """A map of the examples ``some``, with their images where there are any."""
        pictures = some.user(slice(0, len(some))) if isinstance(self.spec, ImageSpec) else None
        return Map(
            **self._said(key), points=points, spec=self.spec, labels=some.labels, values=pictures
        )

    def plane(self, key: str, points: dict[str, Array], **parts: Any) -> Plane:
        """A drawing in the plane; without ``extent``, one that holds all points."""
        named = {self._name(name): some[:_POINTS] for name, some in points.items()}
        extent = parts.pop("extent", None) or _around(np.concatenate(list(named.values())))
        return Plane(points=named, extent=extent, **self._said(key), **parts)

    def cells(
        self, key: str, grids: dict[str, Array], lit: dict[str, Array] | None = None
    ) -> Cells:
        """Grids of numbers, with marked cells."""
        marked = {self._name(name): cells for name, cells in (lit or {}).items()}
        return Cells(
            **self._said(key), grids={self._name(n): g for n, g in grids.items()}, lit=marked
        )

    def rows(self, key: str, rows: Sequence[Sequence[Any]]) -> Rows:
        """A table whose head is in the strings, its columns separated by ``|``."""
        head = self.strings.figure(key)["head"]
        return Rows(
            **self._said(key),
            head=tuple(head.split("|")),
            rows=tuple((self._name(_short(name)), *map(_short, rest)) for name, *rest in rows),
        )

    def frames(self, key: str, labels: Sequence[Any], frames: Sequence[Figure]) -> Frames:
        """A sequence; all frames have the words of the whole."""
        return Frames(
            **self._said(key),
            dial=self.strings.figure(key)["dial"],
            labels=tuple(map(_short, labels)),
            frames=tuple(frames),
        )

    def _said(self, key: str) -> dict[str, Any]:
        said = self.strings.figure(key)
        table = not isinstance(self.spec, ImageSpec)
        meaning = said.get("rows", said["meaning"]) if table else said["meaning"]
        return {"title": said["title"], "meaning": meaning}

    def _name(self, name: str) -> str:
        """A name of the strings, or one of the data."""
        return str(self.strings.tables["names"].get(name, name))

    def _frame(self, values: Any) -> pd.DataFrame:
        if isinstance(values, pd.DataFrame):
            return values
        if isinstance(self.spec, TableSpec):
            return to_frame(np.asarray(values), self.spec)
        return pd.DataFrame(np.asarray(values))


def _short(cell: Any) -> str:
    """A number in three digits, or as a whole one above a thousand, what is missing as a dash; all
    else as it is."""
    if pd.isna(cell):
        return "–"
    if isinstance(cell, (float, np.floating)):
        number = float(cell)
        return f"{number:,.0f}" if 1000 <= abs(number) < 1e7 else f"{number:.3g}"
    return str(cell)


def _around(points: Array) -> tuple[float, float, float, float]:
    """The extent of a square that holds ``points`` (n, 2)."""
    low, high = points.min(0), points.max(0)
    middle, half = (low + high) / 2, 0.55 * float((high - low).max()) or 1.0
    return (middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half)
