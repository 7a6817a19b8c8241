"""What the studio knows to lie in its folders; looked for anew when asked, at most once a
second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from starlette.exceptions import HTTPException

from .comparisons import Comparison, find_comparisons
from .datasets import DataSource, find_data
from .places import inside
from .runs import RunFolder, find_runs

T = TypeVar("T", RunFolder, Comparison, DataSource)
OWN = ".studio"  # the folder of what is the studio's own
_FRESH = 1.0  # seconds


@dataclass
class Library:
    """``folder`` is worked in, ``data`` are folders that are only read."""

    folder: Path
    data: tuple[Path, ...]

    def __post_init__(self) -> None:
        self._known: dict[str, tuple[float, dict[str, object]]] = {}

    @property
    def own(self) -> Path:
        """Where the studio keeps what is its own."""
        return self.folder / OWN

    @property
    def roots(self) -> tuple[Path, ...]:
        return (self.folder, *self.data)

    def runs(self) -> dict[str, RunFolder]:
        """By id, the latest first."""
        return self._found("runs", lambda: find_runs(self.folder))

    def comparisons(self) -> dict[str, Comparison]:
        """By id, the latest first."""
        return self._found("comparisons", lambda: find_comparisons(self.folder))

    def sources(self) -> dict[str, DataSource]:
        """By id: named sets, then what lies in the folders."""
        return self._found("data", lambda: find_data(self.roots, self.folder))

    def run(self, id: str) -> RunFolder:
        """Raises a 404 where there is none."""
        return self._one(self.runs(), id)

    def source(self, id: str) -> DataSource:
        """Raises a 404 where there is none."""
        return self._one(self.sources(), id)

    def forget(self) -> None:
        """Look anew, since something was made or removed."""
        self._known.clear()

    def _found(self, kind: str, look: Callable[[], dict[str, T]]) -> dict[str, T]:
        when, there = self._known.get(kind, (0.0, {}))
        if time.monotonic() - when > _FRESH or not when:
            there = dict(look())
            self._known[kind] = (time.monotonic(), there)
        return there  # type: ignore[return-value]

    def _one(self, there: dict[str, T], id: str) -> T:
        found = there.get(id)
        if found is None or (found.path is not None and not inside(found.path, self.roots)):
            raise HTTPException(404)
        return found
