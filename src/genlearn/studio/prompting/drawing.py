"""Drawing what was asked for, text by text, so that a page can tell how far it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...core.capabilities import DiffusionProcess
from ...core.image_grid import Labels, encoded, image_grid, to_bytes
from ...core.spec import ImageSpec
from .asked import Asked, Value

Array = NDArray[Any]


@dataclass
class Progress:
    """How many texts of how many are drawn; ``stopped`` by who does not wait any longer."""

    done: int = 0
    of: int = 1
    stopped: bool = False


class Stopped(Exception):
    """Nobody waits for what was asked any longer."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Images ``values`` (texts * number, *user_shape), text by text; the ``options`` that they were
    drawn by: those that were asked for, with what a quality comes to in its place; by a model that
    had ``learned`` so many steps, in so many ``seconds``."""

    values: Array = field(repr=False)
    options: dict[str, Value]
    learned: int
    seconds: float


def draw(model: Any, asked: Asked, init: Array | None, progress: Progress) -> Drawn:
    """What was ``asked`` of a fitted ``model``, from examples ``init`` if any. Raises `UserError`
    where the model cannot, and `Stopped`."""
    begun, options = time.perf_counter(), _settled(model, asked.options)
    start: dict[str, Any] = {} if init is None else {"init": init}
    texts: list[str | None] = [*asked.grid.texts] if asked.grid else [None]
    parts, progress.of = [], len(texts)
    for text in texts:
        if progress.stopped:
            raise Stopped
        told = {} if text is None else {"prompt": text}
        parts.append(model.sample(asked.number, seed=asked.seed, **options, **told, **start))
        progress.done += 1
    seconds = round(time.perf_counter() - begun, 2)
    return Drawn(np.concatenate(parts), options, int(model.n_steps_), seconds)


def pictures(values: Array, spec: ImageSpec) -> list[bytes]:
    """Each image (n, *user_shape) by itself, as PNG of its own size."""
    return [encoded(Image.fromarray(pixels)) for pixels in to_bytes(values, spec)]


def sheet(values: Array, spec: ImageSpec, asked: Asked) -> bytes:
    """All images on one sheet with the names of their rows and columns, as PNG."""
    grid = asked.grid
    if grid is None or grid.columns is None:
        return encoded(image_grid(values, spec))
    heads = tuple(head for head in grid.heads for _ in range(asked.number))
    columns = grid.columns * asked.number
    return encoded(image_grid(values, spec, columns, labels=Labels(grid.rows, heads)))


def _settled(model: Any, options: dict[str, Value]) -> dict[str, Value]:
    """``options`` with the sampler and steps that a quality takes, as measured, in its place."""
    if "quality" not in options or not isinstance(model, DiffusionProcess):
        return dict(options)
    quality: Any = options["quality"]
    name: Any = options.get("sampler")
    sampler, steps = model.steps_for_quality(quality, sampler=name)
    rest = {key: value for key, value in options.items() if key != "quality"}
    return rest | {"sampler": sampler, "steps": steps}
