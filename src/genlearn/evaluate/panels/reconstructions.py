"""Reconstructions: what is left of examples after the way through the code."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.capabilities import Encodes
from ...core.panels import ImagePanel, Panel
from ...core.spec import ImageSpec
from ..panel import ACROSS, DefaultPanel, Evidence


def draw(evidence: Evidence) -> Iterator[Panel]:
    """Held-out images above, what comes back below."""
    if not isinstance(evidence.reference_set.spec, ImageSpec):
        return
    values = evidence.reference_set.split.held_out.user(slice(0, ACROSS))
    yield ImagePanel(
        title="Reconstructions",
        meaning="Held-out examples, and what is left of them after the way through the code.",
        values=np.concatenate([values, evidence.subject.reconstruct(values)]),
        columns=len(values),
        rows=("real", "reconstructed"),
    )


PANEL = DefaultPanel(
    draw=draw,
    needs=Encodes,
    what="reconstructions",
    section="reconstructions",
    order=30,
)
