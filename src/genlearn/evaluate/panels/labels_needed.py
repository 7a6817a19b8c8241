"""How few labels the codes need to tell classes apart."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.capabilities import Encodes
from ...core.panels import LinePanel, Panel
from ..panel import DefaultPanel, Evidence


def draw(evidence: Evidence) -> Iterator[Panel]:
    """Accuracy against number of labels."""
    if not evidence.probe_curves:
        return
    meaning = (
        "A linear classifier on the codes, taught with few labels and with many: good codes need"
        " few. Beside them principal components."
    )
    yield LinePanel(
        title="Accuracy against number of labels",
        meaning=meaning,
        x="labels",
        y="accuracy",
        series=evidence.probe_curves,
        log_x=True,
    )


PANEL = DefaultPanel(
    draw=draw,
    needs=Encodes,
    what="accuracy against number of labels",
    section="embedding",
    order=70,
)
