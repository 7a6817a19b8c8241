"""11. Diffusion: forward, reverse, what the network expects, and what steps are worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core.capabilities import Array, DiffusionProcess
from ..chapter import Chapter, Drawn
from ..course import Course
from ..material import toy
from ..trainings.runs import flow
from ..trainings.training import Training

_LEVELS, _SHOWN, _FEW = 9, 8, (1, 2, 4, 8, 16, 32)
_POINTS = 400


def ring_flow(course: Course) -> Training:
    """Diffusion of the ring, whose points can be followed."""
    return Training("ring-flow", "flow", {"size": "tiny"}, weight=4, rank=2, data="ring")


def trainings(course: Course) -> Iterator[Training]:
    """Diffusion of the reader's data, and of the ring."""
    yield flow(course)
    yield ring_flow(course)


def draw(course: Course) -> Drawn:
    """Data on their way to noise; then the way back, on the ring and for the reader's data, and
    samples by number of steps."""
    shown: list[Any] = []
    revealed: list[Any] = []
    facts: dict[str, str] = {}
    if course.has("flow"):
        model = course.model("flow")
        shown.append(_forward(course, model))
        revealed.append(_reverse(course, model))
    if course.has("ring-flow"):
        revealed.append(_ring(course, course.model("ring-flow")))
    if course.has("flow"):
        reached = model.convergence_curve()
        points = np.array(list(reached.items()), float)
        curve = course.draw.curves("diffusion_convergence", {"": points}, log_x=True, log_y=True)
        revealed += [_by_steps(course, model), curve]
        facts["enough"] = str(next((n for n, e in reached.items() if e < 0.1), max(reached)))
    return Drawn(shown, revealed, facts)


def _times(n: int) -> list[str]:
    return [f"{t:.2f}" for t in np.linspace(0, 1, n)]


def _forward(course: Course, model: DiffusionProcess) -> Any:
    strip = model.diffuse(course.held.take(slice(0, _SHOWN)), _LEVELS, seed=course.seed)
    frames = [_one(course, "diffusion_forward", strip[:, i]) for i in range(_LEVELS)]
    return course.draw.frames("diffusion_forward", _times(_LEVELS), frames)


def _reverse(course: Course, model: DiffusionProcess) -> Any:
    """Samples on their way from noise, below what the network expects them to become."""
    states, expected = model.sample_trajectory(_SHOWN, _LEVELS, seed=course.seed)
    key, frames = "diffusion_reverse", []
    for i in range(_LEVELS):
        if course.images:
            both = np.concatenate([expected[:, i], states[:, i]])
            rows = ("expected", "sample so far")
            frames.append(course.draw.examples(key, both, columns=_SHOWN, rows=rows))
        else:
            frames.append(_one(course, key, states[:, i]))
    return course.draw.frames(key, _times(_LEVELS)[::-1], frames)


def _one(course: Course, key: str, values: Array) -> Any:
    return course.draw.examples(key, values, columns=_SHOWN)


def _ring(course: Course, model: DiffusionProcess) -> Any:
    """Points of the ring on their way from noise."""
    states, _ = model.sample_trajectory(_POINTS, _LEVELS, seed=course.seed)
    frames = [
        course.draw.plane("diffusion_ring", {"samples": states[:, i]}, extent=toy.EXTENT)
        for i in range(_LEVELS)
    ]
    return course.draw.frames("diffusion_ring", _times(_LEVELS)[::-1], frames)


def _by_steps(course: Course, model: Any) -> Any:
    """Samples of one noise in few and in more steps."""
    frames = [
        _one(course, "diffusion_steps", model.sample(2 * _SHOWN, seed=course.seed, steps=steps))
        for steps in _FEW
    ]
    return course.draw.frames("diffusion_steps", _FEW, frames)


CHAPTER = Chapter(number=11, key="diffusion", draw=draw, trainings=trainings)
