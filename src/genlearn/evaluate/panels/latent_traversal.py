"""Latent traversal: what single latents do.

None of codes as large as the data: one number of thousands, such as a pixel of the noise that an
image was drawn from, moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...core.capabilities import Encodes
from ...core.panels import ImagePanel, Panel
from ...core.spec import ImageSpec
from ..panel import ACROSS, MAPPED, DefaultPanel, Evidence
from ..probes.latent_walks import REACH, CodeRegion, by_effect

_DIRECTIONS = 6  # latents of a traversal


def draw(evidence: Evidence) -> Iterator[Panel]:
    """Along the latents of most effect, all others at their mean."""
    model, spec = evidence.subject, evidence.reference_set.spec
    if evidence.codes is None or not isinstance(spec, ImageSpec) or model.latent_dim_ >= spec.dim:
        return
    region = CodeRegion.of(evidence.codes[:MAPPED])
    found = list(zip(*by_effect(model, spec, region), strict=True))[:_DIRECTIONS]
    if not found:
        return
    meaning = (
        f"One latent at a time from -{REACH:g} to {REACH:g} standard deviations of the codes, the"
        " others at their mean; those of most effect first, which is the root mean square change"
        " of the image on the way, in shares of its range."
    )
    yield ImagePanel(
        title="Latent traversal",
        meaning=meaning,
        values=model.decode(region.walks([latent for latent, _ in found], ACROSS)),
        columns=ACROSS,
        rows=tuple(f"latent {latent}: {effect:.2g}" for latent, effect in found),
    )


PANEL = DefaultPanel(
    draw=draw,
    needs=Encodes,
    what="latent traversal",
    section="traversals",
    order=40,
)
