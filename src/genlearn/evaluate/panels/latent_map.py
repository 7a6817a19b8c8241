"""Latent map: codes in the plane."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.capabilities import Encodes
from ...core.panels import Panel, ScatterPanel
from ...core.spec import ImageSpec
from ..panel import MAPPED, DefaultPanel, Evidence
from ..planar_points import planar, t_sne


def draw(evidence: Evidence) -> Iterator[Panel]:
    """The codes of held-out examples, as they are where there are two latents."""
    if evidence.codes is None:
        return
    codes, reference_set = evidence.codes[:MAPPED], evidence.reference_set
    held = reference_set.split.held_out
    plane, how = (
        (codes, "the two latents themselves")
        if codes.shape[1] <= 2
        else (t_sne(codes, reference_set.seed), "t-SNE of the codes")
    )
    labels = None if held.labels is None else held.labels[: len(codes)]
    classes = " Colours are classes that the model was not told." if labels is not None else ""
    yield ScatterPanel(
        title="Latent map",
        meaning=(
            f"Each point is a held-out example ({how}); neighbours have similar codes.{classes}"
        ),
        points=planar(plane),
        labels=labels,
        classes=held.spec.classes,
        values=(
            held.user(slice(0, len(codes))) if isinstance(reference_set.spec, ImageSpec) else None
        ),
    )


PANEL = DefaultPanel(
    draw=draw,
    needs=Encodes,
    what="the latent map",
    section="maps",
    order=60,
)
