"""What there is to explore of a fitted model, by its capabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...core.capabilities import (
    Denoises,
    DiffusionProcess,
    Encodes,
    HasFeatures,
    Inpaints,
    InvertsByOptimization,
    MixesStyles,
    Restores,
    Samples,
)
from ...core.options import options_of
from ...core.spec import DataSpec, ImageSpec
from .latents import has_latents


@dataclass(frozen=True)
class Abilities:
    """``mapped``: something stands for an example; ``latents``: numbers of a code can be moved, of
    which there are so many; ``encodes``: examples have codes, found ``slowly`` or not;
    ``whole_codes``: as large as examples."""

    images: bool
    mapped: bool
    latents: int
    encodes: bool
    slowly: bool
    whole_codes: bool
    samples: bool
    classes: tuple[str, ...]
    truncation: bool
    styles: bool
    process: bool
    denoises: bool
    known_noise: bool
    inpaints: bool

    @property
    def picture(self) -> bool:
        """Whether something can be done with a picture that somebody brings."""
        return self.images and (self.encodes or self.denoises or self.inpaints)

    @property
    def missing(self) -> list[str]:
        """What there is not, and why, in a line each."""
        lines = []
        if not self.mapped:
            why = (
                "it finds codes by search, which takes seconds for each example"
                if self.slowly
                else "it has no codes"
            )
            lines.append(f"There is no map of this model: {why}.")
        if not self.latents and self.encodes:
            what = "noise" if self.process else "as large as an example"
            lines.append(
                f"There are no sliders: a code of this model is {what}, and one number of it moves"
                " nothing that is seen."
            )
        return lines


def abilities_of(model: Any) -> Abilities:
    """Those of a fitted ``model``."""
    spec: DataSpec = model.spec_
    slowly = isinstance(model, InvertsByOptimization)
    encodes = isinstance(model, Encodes)
    options = options_of(model.sampling_options) if isinstance(model, Samples) else {}
    return Abilities(
        images=isinstance(spec, ImageSpec),
        mapped=isinstance(model, HasFeatures) or (encodes and not slowly),
        latents=model.latent_dim_ if has_latents(model, spec) else 0,
        encodes=encodes,
        slowly=slowly,
        whole_codes=encodes and model.latent_dim_ >= spec.dim,
        samples=isinstance(model, Samples),
        classes=tuple(getattr(model, "classes_in_", ())) if "label" in options else (),
        truncation="truncation" in options,
        styles=isinstance(model, MixesStyles),
        process=isinstance(model, DiffusionProcess),
        denoises=isinstance(model, (Denoises, Restores)),
        known_noise=isinstance(model, Restores),
        inpaints=isinstance(model, Inpaints),
    )
