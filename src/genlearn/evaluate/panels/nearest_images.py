"""Samples beside the training examples that they are most like: are they copies?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.capabilities import Samples
from ...core.panels import ImagePanel, Panel
from ...core.spec import ImageSpec
from ..panel import ACROSS, DefaultPanel, Evidence


def draw(evidence: Evidence) -> Iterator[Panel]:
    """The samples most like one training example -- suspects, if the audit accuses -- in one row,
    the training examples nearest to them below."""
    report, samples, split = evidence.copies, evidence.samples, evidence.reference_set.split
    if report is None or samples is None or not isinstance(split.train.spec, ImageSpec):
        return
    shown = report.suspects[:ACROSS] if report.accused else report.closest(ACROSS)
    if not len(shown):
        return
    meaning = (
        "The samples that stand closest to a single training example, compared with the next ones,"
        " and that example. Equal pairs are copies."
    )
    yield ImagePanel(
        title="Suspected copies" if report.accused else "Nearest training images",
        meaning=meaning,
        values=np.concatenate([samples[shown], split.train.user(report.nearest[shown])]),
        columns=len(shown),
        rows=("sample", "nearest training image"),
    )


PANEL = DefaultPanel(
    draw=draw,
    needs=Samples,
    what="nearest training images",
    section="copies",
    order=20,
)
