"""1. What p(x) is for: to tell apart is one thing, to know what the data are like another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..chapter import Chapter, Drawn
from ..course import Course
from ..figures import Figure
from ..material import toy
from ..trainings.runs import flow
from ..trainings.training import Training

_SIDE = 60


def trainings(course: Course) -> Iterator[Training]:
    """The model that draws the samples."""
    yield flow(course)


def draw(course: Course) -> Drawn:
    """Two groups of points with a border between them, the same with their density, and examples
    beside samples."""
    points = toy.draw(400, course.seed)
    left, right = points[points[:, 0] < 0], points[points[:, 0] >= 0]
    ground = toy.lattice(_SIDE)
    border = (1 / (1 + np.exp(-4 * ground[:, 0]))).reshape(_SIDE, _SIDE)
    density = toy.density(ground).reshape(_SIDE, _SIDE)
    groups = {"group A": left, "group B": right}
    shown = [
        course.draw.plane("purpose_border", groups, extent=toy.EXTENT, heat=border),
        course.draw.examples("purpose_data", course.held.user(slice(0, 24))),
    ]
    revealed: list[Figure] = [
        course.draw.plane(
            "purpose_density", {"data": points}, extent=toy.EXTENT, heat=density / density.max()
        )
    ]
    if course.has("flow"):
        new = course.model("flow").sample(24, seed=course.seed)
        revealed.append(course.draw.examples("purpose_samples", new))
    count = len(course.split.train) + len(course.held)
    facts = {"count": f"{count:,}", "dim": f"{course.spec.dim:,}"}
    return Drawn(shown, revealed, facts)


CHAPTER = Chapter(number=1, key="purpose", draw=draw, trainings=trainings)
