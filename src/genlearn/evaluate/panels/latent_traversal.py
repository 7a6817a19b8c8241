"""Latent traversal: what single latents do.

None of codes as large as the data: one number of thousands, such as a pixel of the noise that an
image was drawn from, moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.capabilities import Array, Encodes
from ...core.panels import ImagePanel, Panel
from ...core.spec import ImageSpec
from ..panel import ACROSS, MAPPED, DefaultPanel, Evidence

# latent directions of a traversal, and how far it goes, in standard deviations
_DIRECTIONS, _REACH = 6, 2.5


def draw(evidence: Evidence) -> Iterator[Panel]:
    """Along the latents of largest variance, all others at their mean."""
    model, spec = evidence.subject, evidence.reference_set.spec
    if evidence.codes is None or not isinstance(spec, ImageSpec) or model.latent_dim_ >= spec.dim:
        return
    codes = evidence.codes[:MAPPED]
    latents = np.argsort(-codes.std(0))[: min(_DIRECTIONS, codes.shape[1])]
    meaning = (
        f"One latent at a time from -{_REACH:g} to {_REACH:g} standard deviations of the codes, the"
        " others at their mean."
    )
    yield ImagePanel(
        title="Latent traversal",
        meaning=meaning,
        values=model.decode(_walks(codes, latents).astype(codes.dtype)),
        columns=ACROSS,
        rows=tuple(f"latent {i}" for i in latents),
    )


def _walks(codes: Array, latents: Array) -> Array:
    """Codes along each of ``latents``: (latents * ACROSS, latent_dim)."""
    mean, deviation = codes.mean(0), codes.std(0)
    steps = np.linspace(-_REACH, _REACH, ACROSS)
    grid = np.repeat(mean[None], len(latents) * len(steps), axis=0).reshape(
        len(latents), len(steps), -1
    )
    for row, latent in zip(grid, latents, strict=True):
        row[:, latent] += steps * deviation[latent]
    return grid.reshape(-1, codes.shape[1])


PANEL = DefaultPanel(
    draw=draw,
    needs=Encodes,
    what="latent traversal",
    section="traversals",
    order=40,
)
