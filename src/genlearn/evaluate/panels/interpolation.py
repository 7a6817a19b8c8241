"""Interpolation: whether the way between two codes leads through real-looking data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.capabilities import Encodes
from ...core.panels import ImagePanel, Panel
from ...core.spec import ImageSpec
from ..panel import ACROSS, DefaultPanel, Evidence

_PAIRS = 3


def draw(evidence: Evidence) -> Iterator[Panel]:
    """Between the first held-out images, two by two."""
    if not isinstance(evidence.reference_set.spec, ImageSpec):
        return
    held = evidence.reference_set.split.held_out
    ends = [held.user(slice(i, i + 1)) for i in range(2 * _PAIRS)]
    pairs = zip(ends[0::2], ends[1::2], strict=True)
    meaning = (
        "From one held-out example to another on the way between their codes: does every point on"
        " it look real?"
    )
    yield ImagePanel(
        title="Interpolation",
        meaning=meaning,
        values=np.concatenate([evidence.subject.interpolate(a, b, ACROSS) for a, b in pairs]),
        columns=ACROSS,
    )


PANEL = DefaultPanel(
    draw=draw,
    needs=Encodes,
    what="interpolation",
    section="traversals",
    order=50,
)
