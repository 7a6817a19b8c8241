"""The views there are, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .codes import grid, walk
from .question import Question, Shown
from .reconstructions import latents
from .sampling import process, steps, styles
from .training import players, training

__all__ = ["VIEWS", "Question", "Shown", "View"]


@dataclass(frozen=True)
class View:
    """What is drawn; whether it ``moves``, so that it can be a film, takes ``several`` runs, and
    shows examples (``data``)."""

    draw: Callable[[Question], Shown]
    moves: bool = True
    several: bool = False
    data: bool = False


VIEWS: dict[str, View] = {
    "grid": View(grid, moves=False, data=True),
    "walk": View(walk, data=True),
    "steps": View(steps),
    "process": View(process),
    "training": View(training),
    "players": View(players),
    "latents": View(latents, moves=False, several=True, data=True),
    "styles": View(styles),
}
