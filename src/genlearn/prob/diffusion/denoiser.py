r"""Denoisers, x_t -> D(x_t) = E[x | x_t], and what can be made of them.

By Tweedie's formula a denoiser is the score of the noisy data, grad log p_t(x_t) = (alpha D - x_t)
/ sigma^2, and with it all that samplers, the probability flow and restoration need to know (Vincent
2011; Song et al. 2021, arXiv 2011.13456). A *learned* one is made of a network, a schedule, a
prediction and the units of the data. Others wrap denoisers and are denoisers: one that is given a
condition, a mixture of two, guidance and thresholds (`guidance`).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from .predictions import Prediction, Scale
from .schedules import NoiseLevel, Schedule

# beyond, levels look alike to a network: little noise to take away, or little to know of x
LOG_RATIO = (-8.0, 4.0)


class Denoiser(ABC):
    """D(x_t) = E[x | x_t] on a ``schedule``, for data of standard deviation ``sigma_data``."""

    schedule: Schedule
    sigma_data: float

    @abstractmethod
    def posterior_mean(self, x_t: Tensor, level: NoiseLevel, condition: Any = None) -> Tensor:
        """E[x | x_t, condition], like ``x_t`` (B, *shape). ``level``: one for all examples, or one
        for each, of tensors (B, 1, ...)."""

    def std(self, level: NoiseLevel) -> float:
        """The standard deviation of x_t at ``level``."""
        return math.hypot(level.alpha * self.sigma_data, level.sigma)

    def given(self, condition: Any) -> Denoiser:
        """The same, told ``condition`` from here on; None: nothing."""
        return self if condition is None else Conditioned(self, condition)


DenoisingNetwork = Callable[[Tensor, Tensor, Any], Tensor]


class Normalizer(Protocol):
    """The units in which data has standard deviation ``sigma_data``."""

    sigma_data: float
    scale: Tensor

    def __call__(self, x: Tensor) -> Tensor: ...
    def inverse(self, x: Tensor) -> Tensor: ...


@dataclass(frozen=True, eq=False)
class LearnedDenoiser(Denoiser):
    """D by a network F that is asked for a x + b eps: min E w(t) ||F(x_t, t) - (a x + b eps)||^2.

    ``network``: (x_t, log sigma / alpha (B,), condition) -> like x_t; ``prediction``: a and b;
    ``normalizer``: from the data's units to those in which noise has standard deviation 1;
    ``weight``: w of a level.
    """

    network: DenoisingNetwork
    schedule: Schedule
    prediction: Prediction
    normalizer: Normalizer
    weight: Callable[[NoiseLevel], Scale]

    @property
    def sigma_data(self) -> float:  # type: ignore[override]
        return self.normalizer.sigma_data

    def loss(
        self,
        x: Tensor,
        noise: Tensor,
        t: Tensor,
        condition: Any = None,
        guidance: float = 1.0,
        general: Any = None,
    ) -> Tensor:
        """The weighted squared error for each number: x (B, *shape) in the data's units, ``noise``
        N(0, I) alike, t (B,) -> ().

        ``guidance`` w > 0: the error of D_u + (D - D_u) / w instead, where D_u = D(x_t,
        ``general``) does not learn from it.
        """
        x, level = self.normalizer(x), self.schedule.at(t).like(x)
        error = self.error(x, noise, level, condition)
        if guidance != 1:
            with torch.no_grad():
                unconditional = self.error(x, noise, level, general)
            error = torch.lerp(unconditional, error, 1 / guidance)
        return (self.weight(level) * error.square()).mean()

    def error(self, x: Tensor, noise: Tensor, level: NoiseLevel, condition: Any) -> Tensor:
        """Of the prediction for ``x`` inside the networks' units, like ``x``; linear in D."""
        out = self.output(level.noised(x, noise), level, condition)
        return out - self.prediction.target(x, noise, level)

    def posterior_mean(self, x_t: Tensor, level: NoiseLevel, condition: Any = None) -> Tensor:
        return self.prediction.denoised(self.output(x_t, level, condition), x_t, level)

    def output(self, x_t: Tensor, level: NoiseLevel, condition: Any) -> Tensor:
        """F, like ``x_t``."""
        out = self.network(
            self.prediction.input_scale(level) * x_t, self.told(x_t, level), condition
        )
        return out.to(x_t.dtype)

    def told(self, x_t: Tensor, level: NoiseLevel) -> Tensor:
        """What the network is told of the levels of ``x_t``, (B,)."""
        return level.log_ratio(x_t).clamp(*LOG_RATIO)


@dataclass(frozen=True, eq=False)
class TimestepDenoiser(LearnedDenoiser):
    """D by a network of the diffusers library, (x_t, timestep (B,), condition) -> like x_t, told
    levels by the numbers that its schedulers have for them."""

    def told(self, x_t: Tensor, level: NoiseLevel) -> Tensor:
        one = not isinstance(level.sigma, Tensor)  # level for all, in double precision
        ratio = torch.tensor(level.ratio, dtype=torch.float64) if one else level.sigma / level.alpha
        timestep = self.schedule.timestep(ratio).to(x_t.device, torch.float32)
        return timestep.expand(x_t.shape[0], *(1,) * (x_t.ndim - 1)).flatten()


@dataclass(frozen=True, eq=False)
class Wrapper(Denoiser):
    """A denoiser on the schedule of ``base``."""

    base: Denoiser

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]
        return self.base.schedule

    @property
    def sigma_data(self) -> float:  # type: ignore[override]
        return self.base.sigma_data


@dataclass(frozen=True, eq=False)
class Conditioned(Wrapper):
    """``base``, always told ``condition``."""

    condition: Any

    def posterior_mean(self, x_t: Tensor, level: NoiseLevel, condition: Any = None) -> Tensor:
        return self.base.posterior_mean(x_t, level, self.condition)


@dataclass(frozen=True, eq=False)
class Interpolated(Wrapper):
    """(1 - w) D_a + w D_b: ``base`` is D_a, ``other`` D_b, ``weight`` w in [0, 1] broadcasts
    against x_t."""

    other: Denoiser
    weight: Tensor

    def posterior_mean(self, x_t: Tensor, level: NoiseLevel, condition: Any = None) -> Tensor:
        a, b = (one.posterior_mean(x_t, level, condition) for one in (self.base, self.other))
        return torch.lerp(a, b, self.weight)
