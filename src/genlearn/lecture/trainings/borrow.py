"""Runs that were trained elsewhere, shown in place of trainings of the lecture's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import UserError
from ...engine.runs.manifest import learned_from
from ...engine.runs.run import Run
from .training import Training

if TYPE_CHECKING:
    from ..course import Course


def folder_of_runs(runs: str | Path | None) -> Path | None:
    """``runs`` as a folder. Raises `UserError` where there is no such folder."""
    if runs is not None and not Path(runs).is_dir():
        raise UserError(f"runs={str(runs)!r} was given, which is no folder; name one of runs")
    return None if runs is None else Path(runs)


def borrow(
    course: Course, needed: list[Training], runs: Path | None, tell: Callable[[str], None]
) -> list[Training]:
    """The trainings that are left where the complete runs in the folder ``runs``, or in its folder
    runs/, serve."""
    if runs is None:
        return needed
    for training in needed:
        for place in (runs / training.name, runs / "runs" / training.name):
            if _serves(course, training, Run(place)):
                course.borrowed[training.name] = place
                tell(f"{training.name}: {place} is shown")
    return [training for training in needed if training.name not in course.borrowed]


def _serves(course: Course, training: Training, run: Run) -> bool:
    """Whether ``run`` is what ``training`` would be, but for its length."""
    if training.data != "own" or not run.complete:
        return False
    manifest = run.manifest
    hyper = {"seed": course.seed, "size": course.settings.size} | training.hyper
    known = {name: value for name, value in hyper.items() if name in manifest["hyper"]}
    return (
        manifest["model"] == training.model
        and course.split.train.fingerprint in learned_from(manifest["data"])
        and all(manifest["hyper"][name] == value for name, value in known.items())
    )
