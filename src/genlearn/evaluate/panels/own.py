"""What a model shows of itself; its panels name their sections."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.estimator_types import GenerativeModel
from ...core.panels import Panel
from ..panel import DefaultPanel, Evidence


def draw(evidence: Evidence) -> Iterable[Panel]:
    """The panels of the model's class."""
    panels: list[Panel] = evidence.subject.panels(evidence.reference_set.split.held_out)
    return panels


PANEL = DefaultPanel(
    draw=draw,
    needs=GenerativeModel,
    what="the model's own panels",
    order=100,
)
