"""The reverse process: new data from noise, in steps, and both processes as something to see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ..core.capabilities import Array, Quality
from ..core.drawing import Converges, Diffuses, Morphs
from ..core.errors import UserError, nearest
from ..core.random import derive, normal
from ..prob.paths import Level
from ..prob.samplers import Point, last
from ._diffusion import like
from ._steering import Recipe, Steering
from .base import Chunked

_CURVE = (2, 4, 8, 16, 32, 64)  # numbers of steps at which quality is measured
_ENDLESS, _NOISES = 128, 16  # steps that stand for endless ones, and noises that both start from
_ENOUGH: dict[Quality, float] = {"fast": 0.1, "balanced": 0.03, "best": 0.01}  # errors, in standard deviations of the data


@dataclass(frozen=True)
class Beginning:
    """What samples start from instead of noise: ``x`` inside, in turn, and the share of the steps that is left to take."""

    x: Tensor
    strength: float

    def rows(self, start: int, n: int) -> Tensor:
        return self.x[torch.arange(start, start + n) % len(self.x)]


@dataclass(kw_only=True, eq=False, repr=False)
class Reverse(Steering, Chunked, Morphs, Converges, Diffuses):
    """From noise to data."""

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
        init: Any = None,
        strength: float = 0.6,
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by ``seed`` (default: the model's).

        ``steps`` of ``sampler`` (default: the model's), or as many as ``quality`` takes; ``label``: a class by name or number (default: any, as often
        as in the data); ``prompt``: what they show, or several, in turn (default: anything); ``negative``: what guidance leads away from;
        ``guidance``: 1 for none; ``threshold``: none, static or dynamic (default: the model's); ``init``: examples to start from, in turn, with so
        much noise that a share of ``strength`` of the steps is left. Each example depends on the seed, its number and these alone.

        Raises `UserError` for zero steps, both steps and quality, an unknown sampler, label or threshold, a strength that is no share, and for
        labels, prompts and guidance where the model learned no classes or captions.
        """
        check_is_fitted(self)
        if steps is not None and quality is not None:
            raise UserError(f"steps={steps} and quality={quality!r} were given; give one of them")
        recipe = self._recipe(steps, sampler, label, guidance, prompt, negative, threshold)
        if quality is not None:
            chosen, enough = self.enough(quality, sampler=recipe.sampler)
            recipe = replace(recipe, sampler=chosen, steps=enough)
        beginning = None if init is None else self._beginning(init, strength)
        return self._chunks(n, seed, start, partial(self._draw, recipe=recipe, beginning=beginning))

    def morph(self, a: str, b: str, n: int = 8, *, seed: int | None = None, steps: int | None = None, guidance: float | None = None) -> Array:
        """``n`` examples from one noise: D is that of prompt ``a``, that of ``b``, or an even mixture between, (1 - w) D_a + w D_b, 0 <= w <= 1.

        Raises `UserError` for fewer than two, and where the model learned no captions.
        """
        check_is_fitted(self)
        if n < 2:
            raise UserError(f"n={n} was given; from one prompt to another takes at least 2")
        recipe, name = self._recipe(steps, guidance=guidance), derive(self.seed if seed is None else seed, "sample")
        from_a, from_b = (self._guided(recipe, self._texts(n, 0, self.prompts(text))) for text in (a, b))
        w = like(torch.linspace(0, 1, n, device=self.device_), torch.empty(n, *self.spec_.shape))
        levels = self.path.levels(recipe.steps)
        x = (self._normals(name, 0, 1) * self.spread_at(levels[0])).expand(n, *self.spec_.shape)
        between = self._led(lambda x, level: torch.lerp(from_a(x, level), from_b(x, level), w), x, levels, recipe, self._fresh(name, 0, 1))
        return self.spec_.to_user(self._outside(last(between).x))

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

    def _draw(self, n: int, seed: int, start: int, recipe: Recipe, beginning: Beginning | None) -> Array:
        return self.spec_.to_user(self._outside(self._walk(n, seed, start, recipe, beginning)))

    def _walk(self, n: int, seed: int, start: int, recipe: Recipe, beginning: Beginning | None = None) -> Tensor:
        """Samples inside, from the noises number ``start`` and on."""
        return last(self._points(n, seed, start, recipe, beginning)).x

    def _points(self, n: int, seed: int, start: int, recipe: Recipe, beginning: Beginning | None = None) -> Iterator[Point]:
        """The way of each sample from noise to data, or from its beginning."""
        levels, eps = self.path.levels(recipe.steps), self._normals(seed, start, n)
        if beginning is None:
            x = eps * self.spread_at(levels[0])
        else:
            levels = levels[-1 - max(1, round(beginning.strength * recipe.steps)) :]
            x = levels[0].alpha * beginning.rows(start, n).to(eps) + levels[0].sigma * eps
        denoise = self._guided(recipe, self.told(n, seed, start, recipe), self._texts(n, 0, recipe.negative))
        yield from self._led(denoise, x, levels, recipe, self._fresh(seed, start, n))

    def _beginning(self, init: Any, strength: float) -> Beginning:
        if not 0 < strength <= 1:
            raise UserError(f"strength={strength} was given; it is above 0, to change little, and at most 1, to change all")
        return Beginning(self._map(self.units, self._values(init)), strength)

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


def _check_columns(columns: int) -> None:
    if columns < 1:
        raise UserError(f"columns={columns} was given; a strip has at least 1")
