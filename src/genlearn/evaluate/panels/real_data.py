"""The data themselves: what all models are to learn."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.panels import ImagePanel, Panel
from ...core.spec import ImageSpec
from ...data.dataset import Dataset
from ..panel import ACROSS, SHOWN, DefaultPanel, Evidence


def draw(evidence: Evidence) -> Iterator[Panel]:
    """Held-out images."""
    if isinstance(evidence.reference_set.spec, ImageSpec):
        yield ImagePanel(
            title="Real data",
            meaning="Held-out examples: what no model has seen, and all are judged by.",
            values=evidence.subject.user(slice(0, SHOWN)),
            columns=ACROSS,
        )


PANEL = DefaultPanel(
    draw=draw,
    needs=Dataset,
    what="the data",
    order=1,
)
