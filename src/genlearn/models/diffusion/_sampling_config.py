"""How a sample is drawn: what was asked for, and the model's own settings for the rest."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ...core.errors import UserError
from ...core.spec import DataSpec, ImageSpec
from ...nets.layers.conditioning import Conditioning, joined
from ...prob.diffusion.denoiser import Denoiser, Normalizer
from ...prob.diffusion.guidance import ClassifierFreeGuidance, thresholded
from ...prob.diffusion.samplers import Sampler
from .._text_conditioning import Prompts


@dataclass(frozen=True)
class SamplingConfig:
    """``steps`` of a ``sampler``; ``label``: the number of a class, or None for any; prompts, of
    which each sample has the next; ``guidance`` in an interval of t; a ``threshold``."""

    sampler: Sampler
    steps: int
    label: int | None
    guidance: float
    guidance_interval: tuple[float, float]
    prompt: Prompts | None
    negative: Prompts | None
    threshold: str
    threshold_share: float

    def guided(
        self,
        denoiser: Denoiser,
        condition: Conditioning | None,
        negative: Conditioning | None = None,
        classes: int | None = None,
    ) -> Denoiser:
        """``denoiser`` told ``condition``, and led away from ``negative``, by default from any; few
        examples in one batch where it is told how many ``classes`` there are."""
        if condition is None:
            return denoiser
        conditional, unconditional = (denoiser.given(one) for one in (condition, negative))
        pair = None
        if self.guidance != 1 and classes is not None:
            pair = denoiser.given(joined(condition, negative, classes))
        return ClassifierFreeGuidance(
            conditional, unconditional, self.guidance, self.guidance_interval, pair
        )

    def in_range(
        self, denoiser: Denoiser, normalizer: Normalizer, offset: Tensor | float = 0.0
    ) -> Denoiser:
        """``denoiser`` kept in the range of the data, as D plus ``offset`` in the data's units."""
        return thresholded(denoiser, self.threshold, self.threshold_share, normalizer, offset)


def check_threshold(threshold: str, spec: DataSpec) -> None:
    """Raise `UserError` for a threshold of data that has no range."""
    if threshold != "none" and not isinstance(spec, ImageSpec):
        raise UserError(
            f"threshold={threshold!r} was given; it is for images, whose values have a range"
        )
