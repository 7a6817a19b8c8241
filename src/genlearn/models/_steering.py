"""What a sample is asked to be, and how the way to it is led there: classes, prompts, guidance, thresholds, a number of steps of some sampler."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast

import torch
from torch import Tensor

from ..core.errors import UserError, nearest
from ..core.hyper import hyper
from ..core.random import derive, normal
from ..core.spec import DataSpec, ImageSpec
from ..data.embedded import Bank
from ..nets.condition import Given
from ..nets.reading import Text
from ..prob.guidance import dynamic, static
from ..prob.paths import Level
from ..prob.samplers import SAMPLERS, Denoiser, Point, trajectory
from ._diffusion import Diffusion

_THRESHOLDS = ("none", "static", "dynamic")
Draw = Callable[[int], Tensor]  # the fresh noise of a step by its number


@dataclass(frozen=True)
class Recipe:
    """How a sample is drawn: ``label`` is the number of a class, or None for any; prompts, of which each sample has the next, lead to and away."""

    sampler: str
    steps: int
    label: int | None
    guidance: float
    prompt: Bank | None = None
    negative: Bank | None = None
    threshold: str = "none"


@dataclass(kw_only=True, eq=False, repr=False)
class Steering(Diffusion):
    """How samples are led from noise to data."""

    sampler: Literal["ancestral", "ddim", "euler", "heun", "dpm++2m"] = hyper("heun", "how to step from noise to data")
    sampling_steps: int = hyper(18, "steps of the sampler", low=1)
    eta: float = hyper(0.0, "fresh noise in the steps of ddim: 0 none, 1 as much as ancestral", low=0, high=1)
    guidance: float = hyper(1.0, "how far to exaggerate what tells a class from the others (1: not at all)", low=0)
    guidance_from: float = hyper(0.0, "time t from which guidance acts", low=0, high=1)
    guidance_to: float = hyper(1.0, "time t up to which guidance acts", low=0, high=1)
    threshold: Literal["none", "static", "dynamic"] = hyper("none", "keep images in range at each step: by clipping, or by scaling them down too")
    threshold_share: float = hyper(0.995, "share of numbers that dynamic thresholding leaves in range", low=0.5, high=1)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for guidance without classes or captions, and thresholds of data without a range."""
        super().check_data(spec)
        _check_threshold(self.threshold, spec)
        if self.guidance != 1 and not self.learns_classes(spec) and not self.learns_captions(spec):
            raise UserError(f"guidance={self.guidance} was given, but neither classes nor captions are learned for it to act on; take it away")

    def _recipe(
        self,
        steps: int | None = None,
        sampler: str | None = None,
        label: str | int | None = None,
        guidance: float | None = None,
        prompt: str | Sequence[str] | None = None,
        negative: str | None = None,
        threshold: str | None = None,
    ) -> Recipe:
        """What was asked for, checked, and the model's own settings for the rest."""
        if sampler is not None and sampler not in SAMPLERS:
            raise UserError(f"sampler={sampler!r} was given; {nearest(sampler, SAMPLERS)}")
        threshold = threshold or self.threshold
        _check_threshold(threshold, self.spec_)
        if steps is not None and steps < 1:
            raise UserError(f"steps={steps} was given; a sample takes at least 1 step")
        if guidance not in (None, 1.0) and self.condition_ == "none":
            raise UserError(f"guidance={guidance} was given, but this model learned neither classes nor captions; fit it on data that has them")
        if negative is not None and prompt is None:
            raise UserError(f"negative={negative!r} was given without a prompt; give what to lead to as well")
        if guidance is not None and not 0 <= guidance < math.inf:
            raise UserError(f"guidance={guidance} was given; it is 1 for none, above 1 to exaggerate a class, and at least 0")
        strength = self.guidance if guidance is None else guidance
        prompts = self.prompts(prompt), self.prompts(negative, "negative")
        return Recipe(sampler or self.sampler, steps or self.sampling_steps, self._class(label), strength, *prompts, threshold)

    def _guided(self, recipe: Recipe, given: Given | None, against: Given | None = None) -> Denoiser:
        """D of what is ``given``, guided by ``recipe`` away from ``against``."""
        return self.denoiser(given, recipe.guidance, (self.guidance_from, self.guidance_to), against)

    def _led(self, denoise: Denoiser, x: Tensor, levels: list[Level], recipe: Recipe, fresh: Draw, beside: Tensor | float = 0.0) -> Iterator[Point]:
        """The way of each of ``x`` from the first of ``levels`` to the last. Thresholds act on the sum with ``beside``,
        outside the networks' units."""
        with self._sampling():
            yield from trajectory(self._in_range(denoise, recipe.threshold, beside), x, levels, recipe.sampler, fresh, self.eta)

    def _normals(self, name: int, start: int, n: int) -> Tensor:
        """Standard normals number ``start`` and on of the stream ``name``, one for each of ``n`` examples."""
        return normal(name, start, n, self.spec_.shape).to(self.device_)

    def _fresh(self, name: int, start: int, n: int) -> Draw:
        """The fresh noise of each step for such examples."""
        return lambda step: self._normals(derive(name, "step", step), start, n)

    def told(self, n: int, seed: int, start: int, recipe: Recipe) -> Given | None:
        """What is asked for of each sample: a class, a prompt, or nothing."""
        return self._labels(n, seed, start, recipe.label) if recipe.prompt is None else self._texts(n, start, recipe.prompt)

    def _texts(self, n: int, start: int, bank: Bank | None) -> Text | None:
        """The prompt of each sample, in turn."""
        if bank is None:
            return None
        return Text(*bank.rows(torch.arange(start, start + n, device=self.device_) % len(bank)))

    def _in_range(self, denoise: Denoiser, threshold: str, beside: Tensor | float) -> Denoiser:
        """``denoise``, with what it expects, and ``beside``, brought into the range of the data."""
        if threshold == "none":
            return denoise
        back = static if threshold == "static" else partial(dynamic, share=self.threshold_share)
        return lambda x, level: cast(Tensor, self.units(back(self.units.inverse(denoise(x, level)) + beside) - beside))

    def _outside(self, x: Tensor) -> Tensor:
        """From the networks' units to the spec's."""
        return self.units.inverse(x.to(self.device_)).cpu()


def _check_threshold(threshold: str, spec: DataSpec) -> None:
    if threshold not in _THRESHOLDS:
        raise UserError(f"threshold={threshold!r} was given; {nearest(threshold, _THRESHOLDS)}")
    if threshold != "none" and not isinstance(spec, ImageSpec):
        raise UserError(f"threshold={threshold!r} was given; it is for images, whose values have a range")
