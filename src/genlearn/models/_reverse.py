"""The reverse process: new data from noise, in steps, and both processes as something to see."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, cast

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ..core.capabilities import Array, Converges, Diffuses, Guided, Quality
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
from .base import Chunked

_CURVE = (2, 4, 8, 16, 32, 64)  # numbers of steps at which quality is measured
_ENDLESS, _NOISES = 128, 16  # steps that stand for endless ones, and noises that both start from
_ENOUGH: dict[Quality, float] = {"fast": 0.1, "balanced": 0.03, "best": 0.01}  # errors, in standard deviations of the data


_THRESHOLDS = ("none", "static", "dynamic")


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
class Reverse(Diffusion, Chunked, Guided, Converges, Diffuses):
    """From noise to data."""

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

    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        steps: int | None = None,
        sampler: str | None = None,
        quality: Quality | None = None,
        label: str | int | None = None,
        guidance: float | None = None,
        prompt: str | Sequence[str] | None = None,
        negative: str | None = None,
        threshold: str | None = None,
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by ``seed`` (default: the model's).

        ``steps`` of ``sampler`` (default: the model's), or as many as ``quality`` takes; ``label``: a class by name or number (default: any, as often
        as in the data); ``prompt``: what they show, or several, in turn (default: anything); ``negative``: what guidance leads away from;
        ``guidance``: 1 for none; ``threshold``: none, static or dynamic (default: the model's). Each example depends on the seed, its number and
        these alone. Raises `UserError` for zero steps, both steps and quality, an unknown sampler, label or threshold, and for labels, prompts and
        guidance where the model learned no classes or captions.
        """
        check_is_fitted(self)
        recipe = self._recipe(steps, sampler, quality, label, guidance, prompt, negative, threshold)
        return self._chunks(n, seed, start, partial(self._draw, recipe=recipe))

    def quality_curve(self, sampler: str | None = None) -> dict[int, float]:
        """Root mean square distance of samples by number of steps from where many steps of heun lead, in standard deviations of the data.

        The same noises for all; by ``sampler`` (default: the model's), or by heun where that one adds fresh noise at each step.
        """
        check_is_fitted(self)
        endless = Recipe("heun", _ENDLESS, None, self.guidance)
        plain = replace(endless, sampler=self._deterministic(sampler or self.sampler))
        end, *ends = (self._walk(_NOISES, 0, 0, recipe) for recipe in (endless, *(replace(plain, steps=steps) for steps in _CURVE)))
        return {steps: float((x - end).square().mean().sqrt()) / self.spread_ for steps, x in zip(_CURVE, ends, strict=True)}

    def enough(self, quality: Quality, curve: dict[int, float] | None = None, sampler: str | None = None) -> tuple[str, int]:
        """``sampler`` (default: the model's; heun in place of one that adds fresh noise), and the fewest of its steps that ``quality`` is content
        with by ``curve`` (default: measured now). Raises `UserError` for an unknown quality."""
        if quality not in _ENOUGH:
            raise UserError(f"quality={quality!r} was given; {nearest(str(quality), _ENOUGH)}")
        measured = self.quality_curve(sampler) if curve is None else curve
        steps = next((steps for steps, error in measured.items() if error <= _ENOUGH[quality]), 2 * _CURVE[-1])
        return self._deterministic(sampler or self.sampler), steps

    def diffuse(self, X: Any, columns: int = 8, *, seed: int | None = None) -> Array:
        """The forward process x_t = alpha x + sigma eps at ``columns`` even times, with one eps for each example; (n, columns, *user_shape)."""
        values = self._values(X)
        _check_columns(columns)
        eps = normal(derive(self.seed if seed is None else seed, "diffuse"), 0, len(values), self.spec_.shape)
        x = self._map(self.units, values)
        levels = [self.path.level(t) for t in np.linspace(0, 1, columns)]
        return self._strip([self._at_scale(level.alpha * x + level.sigma * eps, level) for level in levels])

    def emerge(self, n: int = 1, columns: int = 8, *, seed: int | None = None) -> tuple[Array, Array]:
        """The reverse process: x_t of ``n`` samples at ``columns`` times from noise to data, and D(x_t); both (n, columns, *user_shape)."""
        check_is_fitted(self)
        if n < 1:
            raise UserError(f"n={n} was given; a sample takes at least 1")
        _check_columns(columns)
        name, recipe = derive(self.seed if seed is None else seed, "sample"), self._recipe()
        points = list(self._points(n, name, 0, recipe))
        guesses = [point.expected for point in points[1:] if point.expected is not None] + [points[-1].x]  # what was expected at each point
        shown = np.linspace(0, len(points) - 1, columns).round().astype(int)
        return self._strip([self._at_scale(points[i].x, points[i].level) for i in shown]), self._strip([guesses[i] for i in shown])

    def _draw(self, n: int, seed: int, start: int, recipe: Recipe) -> Array:
        return self.spec_.to_user(self._outside(self._walk(n, seed, start, recipe)))

    def _walk(self, n: int, seed: int, start: int, recipe: Recipe) -> Tensor:
        """Samples inside, from the noises number ``start`` and on."""
        return deque(self._points(n, seed, start, recipe), maxlen=1).pop().x

    def _points(self, n: int, seed: int, start: int, recipe: Recipe) -> Iterator[Point]:
        """The way of each sample from noise to data."""
        levels, shape, device = self.path.levels(recipe.steps), self.spec_.shape, self.device_
        x = normal(seed, start, n, shape).to(device) * self.spread_at(levels[0])
        told = self.told(n, seed, start, recipe)
        denoise = self.denoiser(told, recipe.guidance, (self.guidance_from, self.guidance_to), self._texts(n, 0, recipe.negative))
        denoise = self._in_range(denoise, recipe.threshold)
        with self._sampling():
            fresh = partial(normal, start=start, count=n, shape=shape)
            yield from trajectory(denoise, x, levels, recipe.sampler, lambda step: fresh(derive(seed, "step", step)).to(device), self.eta)

    def _recipe(
        self,
        steps: int | None = None,
        sampler: str | None = None,
        quality: Quality | None = None,
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
        if steps is not None and quality is not None:
            raise UserError(f"steps={steps} and quality={quality!r} were given; give one of them")
        if guidance not in (None, 1.0) and self.condition_ == "none":
            raise UserError(f"guidance={guidance} was given, but this model learned neither classes nor captions; fit it on data that has them")
        if negative is not None and prompt is None:
            raise UserError(f"negative={negative!r} was given without a prompt; give what to lead to as well")
        if guidance is not None and not 0 <= guidance < math.inf:
            raise UserError(f"guidance={guidance} was given; it is 1 for none, above 1 to exaggerate a class, and at least 0")
        chosen = sampler or self.sampler
        if quality is not None:
            chosen, steps = self.enough(quality, sampler=chosen)
        strength = self.guidance if guidance is None else guidance
        prompts = self.prompts(prompt), self.prompts(negative, "negative")
        return Recipe(chosen, steps or self.sampling_steps, self._class(label), strength, *prompts, threshold)

    def told(self, n: int, seed: int, start: int, recipe: Recipe) -> Given | None:
        """What is asked for of each sample: a class, a prompt, or nothing."""
        return self._labels(n, seed, start, recipe.label) if recipe.prompt is None else self._texts(n, start, recipe.prompt)

    def _texts(self, n: int, start: int, bank: Bank | None) -> Text | None:
        """The prompt of each sample, in turn."""
        if bank is None:
            return None
        return Text(*bank.rows(torch.arange(start, start + n, device=self.device_) % len(bank)))

    def _in_range(self, denoise: Denoiser, threshold: str) -> Denoiser:
        """``denoise``, with what it expects brought into the range of the data."""
        if threshold == "none":
            return denoise
        back = static if threshold == "static" else partial(dynamic, share=self.threshold_share)
        return lambda x, level: cast(Tensor, self.units(back(self.units.inverse(denoise(x, level)))))

    def _deterministic(self, sampler: str) -> str:
        """``sampler``, or heun where it adds fresh noise, so that nothing converges to a single point."""
        return "heun" if sampler == "ancestral" or (sampler == "ddim" and self.eta) else sampler

    def _at_scale(self, x: Tensor, level: Level) -> Tensor:
        """x_t as it can be shown: at the scale of data, however strong its noise is."""
        return x * (self.spread_ / self.spread_at(level))

    def _strip(self, columns: list[Tensor]) -> Array:
        """(n, columns, *user_shape) from tensors inside."""
        x = torch.stack([self._outside(part) for part in columns], 1)
        return self.spec_.to_user(x.flatten(0, 1)).reshape(len(x), len(columns), *self.spec_.user_shape)

    def _outside(self, x: Tensor) -> Tensor:
        """From the networks' units to the spec's."""
        return self.units.inverse(x.to(self.device_)).cpu()


def _check_threshold(threshold: str, spec: DataSpec) -> None:
    if threshold not in _THRESHOLDS:
        raise UserError(f"threshold={threshold!r} was given; {nearest(threshold, _THRESHOLDS)}")
    if threshold != "none" and not isinstance(spec, ImageSpec):
        raise UserError(f"threshold={threshold!r} was given; it is for images, whose values have a range")


def _check_columns(columns: int) -> None:
    if columns < 1:
        raise UserError(f"columns={columns} was given; a strip has at least 1")
