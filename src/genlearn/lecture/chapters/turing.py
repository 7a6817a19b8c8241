"""10. Which one is real? The reader's own test."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.spec import ImageSpec
from ...turing import make_trials, quiz_fragment
from ...turing.trials import images_needed
from ..chapter import Chapter, Drawn
from ..course import Course
from ..trainings.runs import flow, r3gan, vae
from ..trainings.training import Training

_TRIALS, _PRACTICE = 40, 4
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
    real, each = images_needed("one", _TRIALS, len(there))
    real = min(real, len(course.held))
    generated = {name: course.model(name).sample(each, seed=course.seed) for name in there}
    trials = make_trials(
        course.held.user(slice(0, real)),
        generated,
        n=min(_TRIALS, 2 * (real - _PRACTICE // 2)),  # half of either are real
        kind="one",
        seed=course.seed,
        practice=_PRACTICE,
    )
    assert isinstance(course.spec, ImageSpec)
    facts = {"models": ", ".join(there), "trials": str(len(trials.trials) - trials.practice)}
    return Drawn(facts=facts, quiz=quiz_fragment(trials, course.spec))


CHAPTER = Chapter(number=10, key="turing", draw=draw, trainings=trainings, unsuited=unsuited)
