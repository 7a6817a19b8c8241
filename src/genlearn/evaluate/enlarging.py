"""How well images are enlarged, apart from how well the small ones were drawn.

Samples of a cascade are judged as all samples are. What its stages add to that is told by images that they make of small versions of real ones, in
which no earlier stage has made a fault: the last stage alone if it is judged by its own run, all of them in a chain if the cascade is.

Pitfall: enlarged images share what they show with those that they are compared with, so that a distance below that of other real data is possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core.capabilities import Array, Enlarges
from ..core.panel import Panel, Pictures
from ..core.random import derive
from ..core.spec import ImageSpec
from .measure import Figure, Measure
from .yardstick import Yardstick, raw

MEASURES = (
    Measure(
        key="enlarged",
        title="Distance of enlarged data",
        group="enlarging",
        better="lower",
        meaning="Distance of held-out data to what is made of small versions of it, in the features that rank models by their samples.",
        reference="Saharia et al. 2022, arXiv 2205.11487, noise conditioning augmentation",
        ideal=0.0,
    ),
    Measure(
        key="unfaithful",
        title="Change of small versions",
        group="enlarging",
        better="lower",
        meaning="Mean squared difference between small versions of held-out data and what is made of them, shrunk again; their range counted as 1.",
        ideal=0.0,
    ),
)

_ACROSS = 12


def enlarged(model: Enlarges, yardstick: Yardstick, n: int) -> tuple[Array, Array]:
    """Small versions of the first ``n`` held-out examples, and what is made of them, as their captions say."""
    held = yardstick.split.held_out.take(slice(0, min(n, len(yardstick.split.held_out))))
    small = model.shrink(held.values)
    told: dict[str, Any] = {"prompt": held.captions} if model.reads_ and held.captions else {}
    return small, model.enlarge(small, seed=derive(yardstick.seed, "enlarge") % 2**31, **told)


def figures(model: Enlarges, yardstick: Yardstick, small: Array, large: Array) -> dict[str, Figure]:
    """Distance and faithfulness of ``large``, made of ``small``."""
    errors = np.square(raw(model.shrink(large), model.small_spec_) - raw(small, model.small_spec_)).reshape(len(small), -1).mean(1)
    mean, half = float(errors.mean()), 1.96 * float(errors.std()) / np.sqrt(len(errors))
    return {"enlarged": yardstick.distance(large), "unfaithful": Figure(mean, max(0.0, mean - half), mean + half, len(errors))}


def panels(yardstick: Yardstick, small: Array, large: Array) -> Iterator[Panel]:
    """Small, large and real, one above the other."""
    real = yardstick.split.held_out.user(slice(0, min(_ACROSS, len(small))))
    assert isinstance(yardstick.spec, ImageSpec)
    rows = np.concatenate([_magnified(small[: len(real)], yardstick.spec), large[: len(real)], real])
    meaning = "Small versions of held-out images, what was made of them, and what they were. Details are drawn, not known."
    yield Pictures(title="Enlarging", meaning=meaning, values=rows, columns=len(real), rows=("small", "enlarged", "real"))


def _magnified(small: Array, spec: ImageSpec) -> Array:
    """Each pixel as a block of them."""
    rows, columns = (np.arange(side) * few // side for side, few in zip(spec.shape[1:], small.shape[1:3], strict=True))
    return small[:, rows][:, :, columns]
