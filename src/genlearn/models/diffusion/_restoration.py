"""Restoration in the user's terms: strengths of noise in grey levels or standard deviations, masks
of any shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...core.capabilities import Array
from ...core.spec import DataSpec, ImageSpec
from ...nets.data_normalizer import DataNormalizer, DenoisingResiduals
from ...prob.diffusion.denoiser import Denoiser
from ...prob.diffusion.repaint import repaint
from ...prob.diffusion.restoration import estimate_noise, remove_noise, residual
from ...prob.diffusion.samplers import Noise
from ...prob.diffusion.schedules import NoiseLevel

# of noise at which residuals are measured, in deviations of the data
STRENGTHS = tuple(np.geomspace(0.03, 6.0, 12).tolist())


@dataclass(frozen=True, eq=False)
class Restoration:
    """E[x | x + noise] and draws of what is missing, by a ``denoiser`` of data of ``spec`` in the
    units of ``normalizer``."""

    denoiser: Denoiser
    normalizer: DataNormalizer
    residuals: DenoisingResiduals
    spec: DataSpec

    def measure(self, x: Tensor, eps: Tensor) -> None:
        """Note the residuals that ``x``, in the networks' units, leave under noise ``eps`` of each
        strength."""
        curve = [residual(self.denoiser, x + ratio * eps, ratio).mean() for ratio in self._ratios]
        self.residuals.curve.copy_(torch.stack(curve))

    def clean(self, x: Tensor, noise: float | None) -> Tensor:
        """E[x | x + noise], (B, *shape) inside the spec's range, for ``noise`` or for what is
        estimated of each example."""
        noisy = self.normalizer(x)
        ratios = (
            self._estimated(noisy)
            if noise is None
            else noisy.new_full((len(x),), self._ratio(noise))
        )
        return self.normalizer.inverse(remove_noise(self.denoiser, noisy, ratios))

    def noise(self, x: Tensor) -> Tensor:
        """The standard deviation of the noise on each of ``x``, (B,): in the user's units, or in
        deviations of each column."""
        return self._estimated(self.normalizer(x)) / self._ratio(1.0)

    def errors(self, x: Tensor, strength: float, noise: Noise, draws: int) -> Tensor:
        """Mean squared error for each number, (B,), of E[x | x + ratio eps] at ``strength``, in
        deviations and variances of the data; eps, (1, *shape), is ``noise`` of a number, and
        minus that, in turn."""
        clean, sigma_data = self.normalizer(x), self.denoiser.sigma_data
        ratios = clean.new_full((len(x),), strength * sigma_data)
        signed = [(-1) ** number * noise(number // 2) for number in range(draws)]
        found = [
            remove_noise(self.denoiser, clean + strength * sigma_data * eps, ratios)
            for eps in signed
        ]
        errors = [(one - clean).square().flatten(1).mean(1) for one in found]
        return torch.stack(errors).mean(0) / sigma_data**2

    def fill(
        self, known: Tensor, missing: Array, levels: list[NoiseLevel], noise: Noise, resamples: int
    ) -> Tensor:
        """``known`` (B, *shape), in the networks' units, filled in where ``missing`` (B,
        *user_shape) is true."""
        where = torch.from_numpy(missing)
        if isinstance(self.spec, ImageSpec):
            where = (where if self.spec.channel_axis else where[..., None]).movedim(-1, 1)
        return repaint(self.denoiser, known, where.to(known.device), levels, noise, resamples)

    def _estimated(self, noisy: Tensor) -> Tensor:
        return estimate_noise(self.denoiser, noisy, self._ratios, self.residuals.curve)

    def _ratio(self, noise: float) -> float:
        """The ratio sigma / alpha that ``noise`` has inside."""
        spec = self.spec
        inside = noise * 2 / (spec.high - spec.low) if isinstance(spec, ImageSpec) else noise
        return inside / float(self.normalizer.scale)

    @property
    def _ratios(self) -> list[float]:
        return [strength * self.denoiser.sigma_data for strength in STRENGTHS]
