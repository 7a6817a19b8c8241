"""Samples: pictures, or rows, column by column and on the map of the real ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.decomposition import PCA

from ...core.capabilities import Array, Samples
from ...core.panels import HistogramPanel, ImagePanel, PairsPanel, Panel, ScatterPanel
from ...core.spec import ImageSpec
from ...data.vector_spec import column_names
from ..columns.kinds import by_kind
from ..columns.pairs import joint_shares, pair_similarities
from ..columns.shares import column_shares
from ..panel import ACROSS, MAPPED, SHOWN, DefaultPanel, Evidence
from ..planar_points import planar
from ..reference_set import ReferenceSet, flat

_COLUMNS = 24  # of a table, that are shown
_PAIRS, _PAIRED, _ROWS = 6, 50, 5000  # pairs shown, columns of which, and rows, at most


def draw(evidence: Evidence) -> Iterator[Panel]:
    """The first samples."""
    samples = evidence.samples
    if samples is None:
        return
    if not isinstance(evidence.reference_set.spec, ImageSpec):
        yield _columns(evidence.reference_set, samples)
        yield from _pairs(evidence.reference_set, samples)
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


def _pairs(reference_set: ReferenceSet, samples: Array) -> Iterator[Panel]:
    """The pairs of columns that go together least as in real rows."""
    spec = reference_set.spec
    if not 2 <= spec.dim <= _PAIRED:
        return
    some = slice(0, _ROWS)
    real, drawn = (
        by_kind(rows[some], spec) for rows in (reference_set.split.held_out.values, samples)
    )
    found = pair_similarities(real, drawn)
    worst = sorted(found, key=lambda pair: found[pair])[:_PAIRS]
    if not worst:
        return
    names = column_names(spec)
    yield PairsPanel(
        title="Pair by pair",
        meaning=(
            "The pairs of columns that go together least as they should: how often held-out rows"
            " and samples fall into each cell, the fuller the darker. The number is their likeness,"
            " of correlations for two columns of numbers and of the joint table otherwise: 1 is"
            f" perfect; the worst {len(worst)} of {len(found)} first."
        ),
        names=tuple((names[i], names[j]) for i, j in worst),
        shares={f"{i}, {j}": joint_shares(real, drawn, (i, j)) for i, j in worst},
        similarities=tuple(found[pair] for pair in worst),
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
    free=True,
)
