"""Restoring examples: noise of any strength removed, missing parts filled in. Neither was trained for; both follow from D."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.capabilities import Array, DenoisesAt, Examples, Inpaints
from ..core.errors import UserError
from ..core.hyper import hyper
from ..core.random import derive, normal
from ..core.spec import ImageSpec
from ..prob.inpainting import inpaint
from ._diffusion import STRENGTHS, Diffusion, like

_EXAMPLES = 64  # from which the residual is measured
_CHUNK = 256  # examples filled in at a time
_STEPS = 24  # of inpainting


@dataclass(kw_only=True, eq=False, repr=False)
class Restoring(Diffusion, DenoisesAt, Inpaints):
    """E[x | x + noise], and draws of the missing part of x given the rest."""

    resampling: int = hyper(4, "how often each step of inpainting goes back and forth, so that the new agrees with the old", low=1)

    def calibrate(self, data: Examples) -> None:
        """The residual |y - D(y)|^2 / (d r^2) of examples y under noise of each strength r, by which a strength is recognised."""
        super().calibrate(data)
        x = self._map(self.units, data.user(self._some(data, _EXAMPLES))).to(self.device_)
        eps = normal(derive(self.seed, "residual"), 0, len(x), self.spec_.shape).to(x)
        with self._sampling():
            curve = [self._residual(x + ratio * eps, ratio).mean() for ratio in self._strengths]
        self.residuals.curve.copy_(torch.stack(curve))

    def denoise(self, X: Any, noise: float | None = None) -> Array:
        """The expected clean examples, E[x | X]. ``noise``: the standard deviation of the Gaussian noise on them, in the user's units for images and
        in standard deviations of each column for tables; None: estimated for each example. Raises `UserError` for noise below 0."""
        values = self._values(X)
        if noise is not None and not 0 <= noise < math.inf:
            raise UserError(f"noise={noise} was given; it is a standard deviation, at least 0")
        if noise == 0:
            return self.spec_.to_user(self._map(lambda x: x, values))
        return self.spec_.to_user(self._map(partial(self._clean, ratio=None if noise is None else self._ratio(noise)), values))

    def noise_of(self, X: Any) -> Array:
        """The standard deviation of the noise on each example, (n,), as estimated; in the units of `denoise`."""
        return self._map(lambda x: self._estimated(self.units(x)), self._values(X)).numpy() / self._ratio(1.0)

    def inpaint(self, X: Any, mask: Any, *, seed: int | None = None) -> Array:
        """Examples ``X`` with new values where ``mask`` is true, drawn to fit the rest, which stays as it is.

        ``mask``: of the shape of an example or of its height and width, one for all or one for each. Raises `UserError` for another shape.
        """
        values = self._values(X)
        missing = _mask(mask, values)
        name, pieces = derive(self.seed if seed is None else seed, "inpaint"), range(0, len(values), _CHUNK)
        x = torch.cat([self._filled(values[i : i + _CHUNK], missing[i : i + _CHUNK], name, i) for i in pieces])
        return np.where(missing, self.spec_.to_user(self.units.inverse(x).cpu()), values)

    def _filled(self, values: Array, missing: Array, name: int, start: int) -> Tensor:
        """Examples number ``start`` and on, filled in, inside the networks' units."""
        known = self._map(self.units, values).to(self.device_)
        where = torch.from_numpy(missing)
        if isinstance(self.spec_, ImageSpec):
            where = (where if self.spec_.channel_axis else where[..., None]).movedim(-1, 1)
        draw = lambda k: normal(derive(name, k), start, len(values), self.spec_.shape).to(self.device_)  # noqa: E731
        with self._sampling():
            return inpaint(self.denoiser(), known, where.to(self.device_), self.path.levels(_STEPS), draw, self.resampling)

    def _clean(self, x: Tensor, ratio: float | None) -> Tensor:
        """E[x | x + noise], inside the spec's range, for noise of ``ratio`` or of one estimated for each example."""
        noisy = self.units(x)
        ratios = self._estimated(noisy) if ratio is None else noisy.new_full((len(x),), ratio)
        return self.units.inverse(self._at(noisy, ratios))

    def _at(self, noisy: Tensor, ratios: Tensor) -> Tensor:
        """D of x + ratio eps, (B,) ratios."""
        t = self.path.time(ratios.cpu().double())
        alpha, sigma = self.path.alpha(t).to(noisy), self.path.sigma(t).to(noisy)
        return self._expected_at(noisy * like(alpha, noisy), alpha, sigma)

    def _residual(self, noisy: Tensor, ratio: float) -> Tensor:
        """|y - D(y)|^2 / (d r^2), (B,)."""
        return (noisy - self._at(noisy, noisy.new_full((len(noisy),), ratio))).square().flatten(1).mean(1) / ratio**2

    def _estimated(self, noisy: Tensor) -> Tensor:
        """The ratio of the noise on each example, (B,): where its residual is that of examples with so much noise.

        Taken for cleaner than it is, an example leaves a larger residual than those do; taken for noisier, a smaller one.
        """
        excess = torch.stack(
            [self._residual(noisy, ratio) / level for ratio, level in zip(self._strengths, self.residuals.curve, strict=True)], 1
        ).log()
        above = (excess > 0).sum(1).clamp(1, len(STRENGTHS) - 1)  # the residual falls with the ratio: so many lie below the noise
        low, high = excess.gather(1, above[:, None] - 1)[:, 0], excess.gather(1, above[:, None])[:, 0]
        share = (low / (low - high).clamp(min=1e-6)).clamp(0, 1)
        logs = torch.tensor(self._strengths).log().to(noisy)
        return (logs[above - 1] + share * (logs[above] - logs[above - 1])).exp()

    @property
    def _strengths(self) -> list[float]:
        """Ratios of noise at which the residual is measured."""
        return [strength * self.spread_ for strength in STRENGTHS]

    def _ratio(self, noise: float) -> float:
        """The ratio that ``noise`` in the units of `denoise` has inside."""
        spec = self.spec_
        inside = noise * 2 / (spec.high - spec.low) if isinstance(spec, ImageSpec) else noise
        return inside / float(self.units.scale)


def _mask(mask: Any, values: Array) -> Array:
    """``mask`` as booleans of the shape of ``values``. Raises `UserError` for another shape."""
    given, shape = np.asarray(mask).astype(bool), values.shape
    if values.ndim == 4 and given.shape in (shape[1:3], shape[:3]):
        given = given[..., None]
    if (
        given.shape[-(values.ndim - 1) :] not in (shape[1:], (*shape[1:3], 1))
        or given.ndim > values.ndim
        or (given.ndim == values.ndim and len(given) not in (1, len(values)))
    ):
        raise UserError(f"a mask of shape {np.shape(mask)} was given; the examples have shape {shape[1:]}: give one of that shape, or one for each")
    return np.broadcast_to(given, shape).copy()
