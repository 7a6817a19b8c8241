"""What is made of small versions of images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.capabilities import Array, SuperResolves
from ...core.panels import ImagePanel, Panel
from ...core.spec import ImageSpec
from ..panel import ACROSS, DefaultPanel, Evidence


def draw(evidence: Evidence) -> Iterator[Panel]:
    """Small, large and real, one above the other."""
    spec = evidence.reference_set.spec
    if evidence.enlarged is None or not isinstance(spec, ImageSpec):
        return
    small, large = evidence.enlarged
    real = evidence.reference_set.split.held_out.user(slice(0, min(ACROSS, len(small))))
    meaning = (
        "Small versions of held-out images, what was made of them, and what they were. Details are"
        " drawn, not known."
    )
    yield ImagePanel(
        title="Enlarging",
        meaning=meaning,
        values=np.concatenate([_magnified(small[: len(real)], spec), large[: len(real)], real]),
        columns=len(real),
        rows=("small", "enlarged", "real"),
    )


def _magnified(small: Array, spec: ImageSpec) -> Array:
    """Each pixel as a block of them."""
    rows, columns = (
        np.arange(side) * few // side
        for side, few in zip(spec.shape[1:], small.shape[1:3], strict=True)
    )
    return small[:, rows][:, :, columns]


PANEL = DefaultPanel(
    draw=draw,
    needs=SuperResolves,
    what="enlarging",
    section="reconstructions",
    order=80,
)
