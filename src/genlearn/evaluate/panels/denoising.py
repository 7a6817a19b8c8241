"""Denoising: what a model takes for noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.capabilities import Array, Denoises
from ...core.panels import ImagePanel, Panel
from ...core.seeding import seed_for
from ...core.spec import ImageSpec
from ..panel import ACROSS, DefaultPanel, Evidence

_NOISE = (0.1, 0.3, 0.6)  # inside, where the range of an image is 2


def draw(evidence: Evidence) -> Iterator[Panel]:
    """Growing noise, and what the model makes of it."""
    reference_set = evidence.reference_set
    spec = reference_set.spec
    if not isinstance(spec, ImageSpec):
        return
    clean = reference_set.split.held_out.user(slice(0, ACROSS))
    rng = np.random.default_rng(seed_for(reference_set.seed, "noise"))
    rows: list[Array] = []
    for level in _NOISE:
        noisy = clean + rng.normal(0, level / 2 * (spec.high - spec.low), clean.shape)
        noisy = noisy.clip(spec.low, spec.high).astype(clean.dtype)
        rows += [noisy, evidence.subject.denoise(noisy)]
    names = tuple(f"{text} {level:g}" for level in _NOISE for text in ("noise of", "cleaned from"))
    meaning = (
        "Gaussian noise of growing strength (the range of an image is 2), and the model's guess of"
        " what was below."
    )
    yield ImagePanel(
        title="Denoising",
        meaning=meaning,
        values=np.concatenate(rows),
        columns=len(clean),
        rows=names,
    )


PANEL = DefaultPanel(
    draw=draw,
    needs=Denoises,
    what="denoising",
    section="reconstructions",
    order=90,
)
