"""Trainings, one after another, each in its part of the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...core.capabilities import Discriminates
from ...core.disk.checked import read_document, write_document
from ...core.errors import UserError
from ...core.params import params_of
from ...core.registry import find
from ...engine.callbacks import ForwardWarnings
from ...engine.runs.run import Run
from ...engine.runs.run_options import RunOptions
from ..material import toy
from .film import Film
from .training import Training

if TYPE_CHECKING:
    from ..course import Course

_RING = 10_000  # points that toy models learn from
Tell = Callable[[str], None]


def train_all(
    course: Course, trainings: list[Training], deadline: float, tell: Tell, progress: bool
) -> None:
    """All that are not complete, each in its part of the time that is left until ``deadline``
    (`time.perf_counter`)."""
    waiting = [t for t in trainings if not Run(course.run(t.name)).complete]
    for number, training in enumerate(waiting):
        left = deadline - time.perf_counter()
        total = sum(later.weight for later in waiting[number:])
        given = max(1.5, left * training.weight / total) if training.weight else None
        start = time.perf_counter()
        timed = given and not course.settings.steps
        tell(f"{training.name}: training" + (f" for {given:.0f} s" if timed else ""))
        try:
            _fit(course, training, given, tell, progress)
        except UserError as error:
            tell(f"{training.name} failed: {error}; the lecture goes on without it")
        note_time(course, time.perf_counter() - start)


def _fit(
    course: Course, training: Training, given: float | None, tell: Tell, progress: bool
) -> None:
    settings = course.settings
    run = Run(course.run(training.name))
    length = _length(run, given, settings.steps if training.weight else None)
    shared = {"seed": settings.seed, "size": settings.size, "device": settings.device}
    kind = find(training.model)
    known = {name: value for name, value in shared.items() if name in params_of(kind)}
    model = kind(**(known | length | training.hyper))
    game = training.data == "ring" and isinstance(model, Discriminates)
    warnings = ForwardWarnings(lambda line: tell(f"{training.name}: {line}"))
    model.fit(
        _data_of(course, training),
        out=course.run(training.name),
        progress=progress,
        options=RunOptions(
            source=course.source if training.data == "own" else training.data,
            callback=Film(course.film(training.name), settings.seed) if game else warnings,
        ),
    )


def _length(run: Run, given: float | None, steps: int | None) -> dict[str, Any]:
    """How long a training is: as it was begun, where it was."""
    if steps:
        return {"steps": steps}
    begun = run.manifest["hyper"].get("budget") if run.exists() else None
    return {"budget": begun or f"{given:.1f}s"} if begun or given else {}


def _data_of(course: Course, training: Training) -> Any:
    if training.data == "ring":
        return toy.draw(_RING, course.seed)
    if training.data == "prompts":
        return course.prompts.small
    return course.prompts.data if training.data == "enlarging" else course.split.train


def note_time(course: Course, taken: float) -> None:
    """Add to the seconds that the lecture has spent on training."""
    plan = read_document(course.plan)
    write_document(course.plan, plan | {"spent": plan["spent"] + taken})
