"""What a training reported, as a table: losses of its networks, the rate, and the held-out loss at
those steps where it was taken."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from ..callbacks import NullCallback, Progress

MARK = "validation"  # the held-out loss


@dataclass
class Recorder(NullCallback):
    """Keeps the reports of a training that is no run."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def report(self, progress: Progress) -> None:
        self.lines.append(asdict(progress))

    def back(self, step: int) -> None:
        self.lines = [line for line in self.lines if line["step"] <= step]


def table(lines: list[dict[str, Any]]) -> pd.DataFrame:
    """A row for each report: step, lr, a column for each loss, and the held-out loss, NaN where it
    was not taken."""
    rows = [
        {"step": line["step"], "lr": line["lr"], **line["losses"], MARK: line.get(MARK)}
        for line in lines
    ]
    found = pd.DataFrame(rows, columns=None if rows else ["step", "lr", MARK])
    return found.astype({MARK: float})


def marks(lines: list[dict[str, Any]], step: int) -> list[tuple[int, float]]:
    """Steps and held-out losses up to ``step``."""
    return [
        (line["step"], line[MARK])
        for line in lines
        if line.get(MARK) is not None and line["step"] <= step
    ]
