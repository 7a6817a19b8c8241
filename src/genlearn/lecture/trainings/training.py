"""What the lecture trains: each model once, for all chapters that show it, as runs like any other.

Every training has a weight, its part of the time. Where the budget is so short that a part would be
less than a training needs to show anything, those that matter least are left out, and the chapters
say so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LEAST = 2.0  # seconds, of a training that shows anything


@dataclass(frozen=True)
class Training:
    """A run called ``name`` of the model ``model``. ``weight``: its part of the time; 0 for what
    takes what it takes. ``rank``: how much the lecture needs it, 0 the most. ``data``: what it
    learns from, the reader's own where nothing else is said."""

    name: str
    model: str
    hyper: dict[str, Any] = field(default_factory=dict)
    weight: float = 0.0
    rank: int = 1
    data: str = "own"


def affordable(trainings: list[Training], seconds: float) -> tuple[list[Training], list[Training]]:
    """Those that ``seconds`` are enough for, each with its part of at least `LEAST`, and those left
    out; both in the given order."""
    kept = list(trainings)
    while True:
        total = sum(training.weight for training in kept)
        timed = [training for training in kept if training.weight]
        if not timed or all(seconds * t.weight / total >= LEAST for t in timed):
            break
        kept.remove(max(timed, key=lambda t: (t.rank, t.weight)))
    return kept, [training for training in trainings if training not in kept]
