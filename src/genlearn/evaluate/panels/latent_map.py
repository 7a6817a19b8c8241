"""Latent map: codes in the plane."""

from __future__ import annotations

from collections.abc import Iterator

from sklearn.manifold import TSNE

from ...core.capabilities import Array, Encodes
from ...core.panels import Panel, ScatterPanel
from ...core.seeding import seed_for
from ...core.spec import ImageSpec
from ..panel import MAPPED, DefaultPanel, Evidence
from ..planar_points import planar


def draw(evidence: Evidence) -> Iterator[Panel]:
    """The codes of held-out examples, as they are where there are two latents."""
    if evidence.codes is None:
        return
    codes, reference_set = evidence.codes[:MAPPED], evidence.reference_set
    held = reference_set.split.held_out
    plane, how = (
        (codes, "the two latents themselves")
        if codes.shape[1] <= 2
        else (_embedded(codes, reference_set.seed), "t-SNE of the codes")
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


def _embedded(codes: Array, seed: int) -> Array:
    """t-SNE (van der Maaten & Hinton 2008) from the leading principal components."""
    perplexity = min(30.0, (len(codes) - 1) / 3)
    scaled = (codes - codes.mean(0)) / max(float(codes.std()), 1e-12)
    points: Array = TSNE(
        perplexity=perplexity, init="pca", random_state=seed_for(seed, "map") % 2**32
    ).fit_transform(scaled)
    return points


PANEL = DefaultPanel(
    draw=draw,
    needs=Encodes,
    what="the latent map",
    section="maps",
    order=60,
)
