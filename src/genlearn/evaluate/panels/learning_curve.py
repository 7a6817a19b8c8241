"""Learning curves: losses over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core.panels import LinePanel, Panel
from ..panel import DefaultPanel, Evidence
from ..training_log import metrics_of_run

_MEANING = (
    "Training loss over time; families have losses of their own, so heights do not compare between"
    " them, shapes do."
)


def _held_out(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The loss on examples that were not learned from, where it was taken."""
    marks = [(line["at"], line["validation"]) for line in lines if "validation" in line]
    return {"held out": np.array(marks)} if marks else {}


def draw(evidence: Evidence) -> Iterator[Panel]:
    """Each loss that the run wrote down."""
    lines = [] if evidence.run is None else metrics_of_run(evidence.run)
    for name in sorted({name for line in lines for name in line["losses"]}):
        points = np.array(
            [(line["at"], line["losses"][name]) for line in lines if name in line["losses"]]
        )
        yield LinePanel(
            title="Learning curve" if name == "loss" else f"Learning curve: {name}",
            meaning=_MEANING,
            x="seconds of training",
            y="loss",
            series={"": points} | (_held_out(lines) if name == "loss" else {}),
            log_x=True,
        )


PANEL = DefaultPanel(
    draw=draw,
    needs=object,
    what="learning",
    section="learning",
    order=120,
    free=True,
)
