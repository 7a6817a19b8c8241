"""4. Undercomplete to overcomplete: quality by the size of the code, and the copy that learns
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core.capabilities import Array
from ...core.spec import ImageSpec
from ...evaluate.probes.latent_walks import CodeRegion, by_effect
from ...evaluate.probes.reconstruction import figures as errors
from ..chapter import Chapter, Drawn
from ..course import Course
from ..trainings.runs import COPIED, overcomplete, plane, sized
from ..trainings.training import Training
from .autoencoder import pairs

_SIZES = (2, 5, 16, 64)
_SHOWN, _GRID = 10, 9


def trainings(course: Course) -> Iterator[Training]:
    """One for each size, and one that can copy."""
    yield plane(course)
    for size in sizes(course):
        if size != 2:
            yield sized(course, size)
    if course.spec.dim <= COPIED:
        yield overcomplete(course)


def sizes(course: Course) -> list[int]:
    """Numbers in a code, from two to half of an example's."""
    return [size for size in _SIZES if size <= course.spec.dim // 2]


def draw(course: Course) -> Drawn:
    """Reconstructions by size of the code; then the error beside that of PCA, noise that is copied,
    and grids of codes."""
    there = [size for size in sizes(course) if course.has(f"autoencoder-{size}")]
    some = course.held.take(slice(0, _SHOWN))
    sketch, facts = course.draw, {"sizes": ", ".join(map(str, there))} if there else {}
    models = {size: course.model(f"autoencoder-{size}") for size in there}
    shown: list[Any] = []
    if course.images and there:
        shown.append(
            sketch.frames(
                "size_frames",
                there,
                [pairs(course, "size_frames", some, models[size]) for size in there],
            )
        )
    found = {size: errors(models[size], course.encoded)["reconstruction"].value for size in there}
    revealed: list[Any] = []
    if len(there) > 1:
        lines = {
            "autoencoder": np.array(list(found.items()), float),
            "PCA": _principal(course, there),
        }
        revealed.append(sketch.curves("size_error", lines, log_x=True, log_y=True))
        facts |= {"small": f"{found[there[0]]:.4f}", "large": f"{found[there[-1]]:.4f}"}
    if course.has("overcomplete"):
        revealed.append(_copied(course, models))
        facts["whole"] = f"{course.spec.dim:,}"
    if course.images and 2 in models:
        revealed.append(sketch.examples("size_plane", _grid(course, models[2]), columns=_GRID))
    if course.images and 5 in models:
        revealed.append(sketch.examples("size_walks", _walks(course, models[5]), columns=_GRID))
    return Drawn(shown, revealed, facts)


def _principal(course: Course, there: list[int]) -> Array:
    """The error of so many principal components on held-out examples, in the units of the
    reconstruction error."""
    rows, axes = course.rows(course.encoded) - course.principal.mean_, course.principal.components_
    left = [((rows - rows @ axes[:k].T @ axes[:k]) ** 2).mean() for k in there]
    return np.asarray(np.c_[there, np.array(left) * course.squared_unit])


def _copied(course: Course, models: dict[int, Any]) -> Any:
    """How well each model gives back data, and noise of the same mean and spread."""
    rows = course.rows(course.encoded)
    noise = course.rng("noise").standard_normal(rows.shape) * rows.std() + rows.mean()
    clean = course.rows_of(course.user(noise))  # as it can be shown
    told = []
    named = {f"{size}": model for size, model in models.items()}
    for name, model in (named | {f"{course.spec.dim:,}": course.model("overcomplete")}).items():
        error = errors(model, course.encoded)["reconstruction"].value
        back = course.rows_of(model.reconstruct(course.user(noise)))
        told.append([name, error, float(((back - clean) ** 2).mean()) * course.squared_unit])
    return course.draw.rows("size_copy", told)


def _grid(course: Course, model: Any) -> Array:
    """What a lattice of codes decodes to, over the middle of those of the data."""
    low, high = _region(course, model).middle
    across = np.linspace(low[0], high[0], _GRID)
    up = np.linspace(high[1], low[1], _GRID)
    lattice = np.stack(np.meshgrid(across, up), -1).reshape(-1, 2)
    return np.asarray(model.decode(lattice.astype(np.float32)))


def _walks(course: Course, model: Any) -> Array:
    """Along each latent, the others at their mean, from the one of most effect to that of least."""
    assert isinstance(course.spec, ImageSpec)
    region = _region(course, model)
    latents, _ = by_effect(model, course.spec, region)
    return np.asarray(model.decode(region.walks(latents, _GRID)))


def _region(course: Course, model: Any) -> CodeRegion:
    return CodeRegion.of(model.encode(course.encoded))


CHAPTER = Chapter(number=4, key="latent_size", draw=draw, trainings=trainings)
