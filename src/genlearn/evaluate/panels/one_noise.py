"""One noise over time: how samples came to be what they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.disk.arrays import read_array
from ...core.panels import ImagePanel, Panel
from ...core.spec import ImageSpec
from ...engine.runs.preview import find_previews
from ..panel import DefaultPanel, Evidence

_MOMENTS = 6  # of training, each with the first samples of a preview


def draw(evidence: Evidence) -> Iterator[Panel]:
    """The first samples of some previews of the run, which are of the same noise in all."""
    spec, run = evidence.reference_set.spec, evidence.run
    previews = [] if run is None else find_previews(run / "samples")
    if len(previews) < 2 or not isinstance(spec, ImageSpec):
        return
    moments = np.linspace(0, len(previews) - 1, min(_MOMENTS, len(previews))).round().astype(int)
    shown = [previews[i] for i in moments]
    values = [read_array(preview) for preview in shown]
    meaning = (
        "The same noise during training, after so many steps: what samples were and have become."
    )
    yield ImagePanel(
        title="One noise over time",
        meaning=meaning,
        values=np.concatenate(values),
        columns=len(values[0]),
        rows=tuple(f"{int(preview.stem):,}" for preview in shown),
    )


PANEL = DefaultPanel(
    draw=draw,
    needs=object,
    what="samples during training",
    order=110,
    free=True,
)
