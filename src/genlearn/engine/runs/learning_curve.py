"""What a training reported, as a table: losses of its networks, the rate, and the held-out loss at
those steps where it was taken."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from ..callbacks import NullCallback, Progress

MARK = "validation"  # the held-out loss
_WORSE = 0.05  # of what training brought, given back since the best mark, that is overfitting
_NOTHING = 0.002  # of the loss, which is no change


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


def has_risen(first: float, best: float, loss: float) -> bool:
    """Whether a held-out ``loss`` is above the ``best`` by more than chance, and a noticeable part
    of what was gained since the ``first``: the sign of overfitting."""
    return loss - best > max(_WORSE * (first - best), noise_of(first))


def noise_of(first: float) -> float:
    """The difference of held-out losses that is none, where the ``first`` mark was this."""
    return _NOTHING * abs(first)
