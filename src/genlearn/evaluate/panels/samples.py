"""Samples: pictures, or rows, column by column and on the map of the real ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.decomposition import PCA

from ...core.capabilities import Array, Samples
from ...core.panels import HistogramPanel, ImagePanel, Panel, ScatterPanel
from ...core.spec import ImageSpec
from ..column_shares import column_shares
from ..panel import ACROSS, MAPPED, SHOWN, DefaultPanel, Evidence
from ..planar_points import planar
from ..reference_set import ReferenceSet, flat

_COLUMNS = 24  # of a table, that are shown


def draw(evidence: Evidence) -> Iterator[Panel]:
    """The first samples."""
    samples = evidence.samples
    if samples is None:
        return
    if not isinstance(evidence.reference_set.spec, ImageSpec):
        yield _columns(evidence.reference_set, samples)
        yield _among_real_rows(evidence.reference_set, samples)
        return
    meaning = (
        "New data, the first that were drawn; nothing was picked. All models get the same seed."
    )
    yield ImagePanel(title="Samples", meaning=meaning, values=samples[:SHOWN], columns=ACROSS)


def _columns(reference_set: ReferenceSet, samples: Array) -> Panel:
    real, spec = reference_set.split.held_out.values, reference_set.spec
    found = column_shares(real, samples, spec)[:_COLUMNS]
    meaning = (
        "How the values of each column are spread: held-out rows filled, samples as a line, which"
        " should run along their tops. The number is half the sum of what the bars differ by; the"
        f" worst column first{f', {_COLUMNS} of {spec.dim}' if spec.dim > _COLUMNS else ''}."
    )
    return HistogramPanel(
        title="Column by column",
        meaning=meaning,
        shares={one.name: np.stack([one.real, one.drawn], 1) for one in found},
        ends=tuple(one.ends for one in found),
        distances=tuple(one.distance for one in found),
    )


def _among_real_rows(reference_set: ReferenceSet, samples: Array) -> Panel:
    real = flat(reference_set.split.held_out.values[:MAPPED], reference_set.spec)
    fake = flat(samples[:MAPPED], reference_set.spec)
    points = PCA(min(2, real.shape[1])).fit(real).transform(np.concatenate([real, fake]))
    labels = np.repeat([0, 1], [len(real), len(fake)])
    meaning = (
        "Samples among held-out rows, in the plane of the two leading principal components: the"
        " colours should be mixed everywhere."
    )
    return ScatterPanel(
        title="Samples among real rows",
        meaning=meaning,
        points=planar(points),
        labels=labels,
        classes=("real", "sample"),
    )


PANEL = DefaultPanel(
    draw=draw,
    needs=Samples,
    what="samples",
    section="samples",
    order=10,
)
