"""10. Which one is real? The reader's own test."""

from __future__ import annotations

from collections.abc import Iterator

from ..chapter import Chapter, Drawn
from ..course import Course
from ..trainings.runs import flow, r3gan, vae
from ..trainings.training import Training

_TRIALS = 40
RUNS = ("flow", "r3gan", "vae")


def trainings(course: Course) -> Iterator[Training]:
    """Those that the reader is to judge."""
    yield flow(course)
    yield r3gan(course)
    yield vae(course)


def unsuited(course: Course) -> str:
    """Why the data do not suit."""
    return "" if course.images else "no_images"


def draw(course: Course) -> Drawn:
    """The test itself, of all models that were trained for it."""
    there = [name for name in RUNS if course.has(name)]
    if not there:
        return Drawn()
    return Drawn(facts={"models": ", ".join(there), "trials": str(_TRIALS)})


CHAPTER = Chapter(number=10, key="turing", draw=draw, trainings=trainings, unsuited=unsuited)
