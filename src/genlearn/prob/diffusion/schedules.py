r"""Schedules, which lead from data to noise: x_t = alpha(t) x + sigma(t) eps with eps ~ N(0, I): t
= 0 is data, t = 1 is noise.

What tells two points of all schedules apart is their ratio sigma / alpha of noise to signal; a
schedule only says how the ratio is spread over t and how x_t is scaled (Karras et al. 2022, arXiv
2206.00364; Kingma et al. 2021, arXiv 2107.00630). The probability-flow ODE, whose solutions have
the distribution of x_t at every t (Song et al. 2021, arXiv 2011.13456), is therefore the same for
all of them. In the coordinates (`ODECoordinates`), y = x_t / c over tau = sigma / c, it reads

    dy / dtau = (y - D(x_t)) / tau,      D(x_t) = E[x | x_t], the denoiser,

and is straight wherever D is constant: one Euler step, of any length, is exact there.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import Any, ClassVar

import torch
from torch import Tensor

from ...core.errors import UserError


class ODECoordinates(Enum):
    """Coordinates y = x_t / c over tau = sigma / c, with c = alpha + k sigma, in which x_t for
    given x and eps is a straight line."""

    RATIO = 0
    """c = alpha, tau = sigma / alpha, dy/dtau = eps_hat: Karras et al. 2022. Not defined where
    alpha = 0."""
    LINEAR = 1
    """c = alpha + sigma, tau = sigma / (alpha + sigma), dy/dtau = eps_hat - D: flow matching
    (Lipman et al. 2022, arXiv 2210.02747)."""

    def scale(self, level: NoiseLevel) -> float:
        """What x_t is divided by: c."""
        return float(level.alpha + self.value * level.sigma)

    def tau(self, level: NoiseLevel) -> float:
        """Its tau: sigma / c."""
        return float(level.sigma / self.scale(level))


@dataclass(frozen=True)
class NoiseLevel:
    """One point of a schedule: x_t = alpha x + sigma eps; ``coordinates`` are those in which its
    schedule is followed.

    Numbers in double precision; or, where each example has a level of its own, tensors that
    broadcast against x (`like`).
    """

    t: Any
    alpha: Any
    sigma: Any
    coordinates: ODECoordinates = ODECoordinates.RATIO

    @property
    def ratio(self) -> float:
        """Noise to signal, sigma / alpha: infinite where alpha = 0."""
        return float(self.sigma / self.alpha) if self.alpha else math.inf

    def noised(self, x: Tensor, eps: Tensor) -> Tensor:
        """x_t = alpha x + sigma eps."""
        x_t: Tensor = self.alpha * x + self.sigma * eps
        return x_t

    def like(self, x: Tensor) -> NoiseLevel:
        """The levels of the examples ``x`` (B, *shape): tensors (B, 1, ...) of its kind."""
        t, alpha, sigma = (expand_like(part.to(x), x) for part in (self.t, self.alpha, self.sigma))
        return replace(self, t=t, alpha=alpha, sigma=sigma)

    def per_example(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """alpha and sigma of each of the examples ``x``, (B,)."""
        alpha, sigma = (
            torch.as_tensor(part).to(x).expand(x.shape[0], *(1,) * (x.ndim - 1)).flatten()
            for part in (self.alpha, self.sigma)
        )
        return alpha, sigma

    def log_ratio(self, x: Tensor) -> Tensor:
        """log sigma / alpha of each of the examples ``x``, (B,)."""
        alpha, sigma = self.per_example(x)
        return sigma.log() - alpha.log()


@dataclass(frozen=True)
class Schedule(ABC):
    """alpha(t) and sigma(t) for t in [0, 1], tensors of any shape; sigma / alpha grows with t."""

    coordinates: ClassVar[ODECoordinates] = ODECoordinates.RATIO

    @abstractmethod
    def alpha(self, t: Tensor) -> Tensor:
        """What multiplies x."""

    @abstractmethod
    def sigma(self, t: Tensor) -> Tensor:
        """What multiplies eps."""

    @abstractmethod
    def time(self, ratio: Tensor) -> Tensor:
        """The t at which sigma / alpha = ``ratio``; ratios beyond the schedule's ends give its
        ends."""

    def timestep(self, ratio: Tensor) -> Tensor:
        """The number, like ``ratio``, by which schedulers of diffusers call that level: of 1,000,
        the first noisy one is 0."""
        return 1000 * self.time(ratio) - 1

    def at(self, t: Tensor) -> NoiseLevel:
        """The points at times ``t`` (B,), one for each example."""
        return NoiseLevel(t, self.alpha(t), self.sigma(t), self.coordinates)

    def level(self, t: float) -> NoiseLevel:
        """The point at ``t``."""
        at = torch.tensor(t, dtype=torch.float64)
        return NoiseLevel(t, self.alpha(at).item(), self.sigma(at).item(), self.coordinates)

    def levels(self, steps: int) -> list[NoiseLevel]:
        """The sampling grid: ``steps`` noisy levels from t = 1 downwards and clean data, alpha = 1
        and sigma = 0, as the last."""
        if steps < 1:
            raise UserError(
                f"sampling in {steps} steps is not possible: at least 1 is needed; give a larger"
                " number of steps"
            )
        return [
            *(self.level(t) for t in self._times(steps)),
            NoiseLevel(0.0, 1.0, 0.0, self.coordinates),
        ]

    def _times(self, steps: int) -> list[float]:
        """The t of the noisy levels."""
        return [1 - step / steps for step in range(steps)]


@dataclass(frozen=True)
class LinearSchedule(Schedule):
    """alpha = 1 - t, sigma = t: rectified flow (Liu et al. 2022, arXiv 2209.03003) and flow
    matching (Lipman et al. 2022, arXiv 2210.02747)."""

    coordinates: ClassVar[ODECoordinates] = ODECoordinates.LINEAR

    def alpha(self, t: Tensor) -> Tensor:
        return 1 - t

    def sigma(self, t: Tensor) -> Tensor:
        return t

    def time(self, ratio: Tensor) -> Tensor:
        return 1 / (1 + 1 / ratio)

    def timestep(self, ratio: Tensor) -> Tensor:
        return 1000 * self.time(ratio)


@dataclass(frozen=True)
class VarianceExploding(Schedule):
    """alpha = 1, sigma^(1/rho) linear in t: Karras et al. 2022, arXiv 2206.00364, equation 5. At t
    = 0 the noise is ``sigma_min``, not 0.

    ``sigma_min`` below what can be seen in the data, ``sigma_max`` far above their spread, ``rho``
    > 1 spends the steps near the data.
    """

    sigma_min: float = 0.002
    sigma_max: float = 80.0
    rho: float = 7.0

    def alpha(self, t: Tensor) -> Tensor:
        return torch.ones_like(t)

    def sigma(self, t: Tensor) -> Tensor:
        low, high = self._ends()
        return (low + t * (high - low)) ** self.rho

    def time(self, ratio: Tensor) -> Tensor:
        low, high = self._ends()
        return ((ratio ** (1 / self.rho) - low) / (high - low)).clamp(0, 1)

    def timestep(self, ratio: Tensor) -> Tensor:
        return ratio.log() / 4  # their c_noise

    def _ends(self) -> tuple[float, float]:
        return self.sigma_min ** (1 / self.rho), self.sigma_max ** (1 / self.rho)

    def _times(self, steps: int) -> list[float]:
        """From sigma_max to sigma_min, both included (their equation 5)."""
        return [1 - step / max(steps - 1, 1) for step in range(steps)]


@dataclass(frozen=True)
class VariancePreserving(Schedule):
    """alpha^2 = alpha_bar, sigma^2 = 1 - alpha_bar, alpha_bar_k = prod_{j<=k} (1 - beta_j): Ho et
    al. 2020, arXiv 2006.11239.

    ``steps`` betas rise linearly from ``beta_min`` to ``beta_max``; t = k / steps is after the
    k-th, and log alpha_bar is linear in between.
    """

    steps: int = 1000
    beta_min: float = 1e-4
    beta_max: float = 0.02

    def alpha(self, t: Tensor) -> Tensor:
        return (-0.5 * self._decay(t)).exp()

    def sigma(self, t: Tensor) -> Tensor:
        return (-torch.expm1(-self._decay(t))).sqrt()

    def time(self, ratio: Tensor) -> Tensor:
        knots = _decay(self).to(ratio)
        decay = torch.log1p(ratio.square()).clamp(max=knots[-1])
        upper = torch.searchsorted(knots, decay.contiguous()).clamp(min=1)
        below, above = knots[upper - 1], knots[upper]
        return (upper - 1 + (decay - below) / (above - below)) / self.steps

    def _decay(self, t: Tensor) -> Tensor:
        """-log alpha_bar(t)."""
        knots = _decay(self).to(t)
        position = t * self.steps
        upper = position.ceil().long().clamp(1, self.steps)
        return torch.lerp(knots[upper - 1], knots[upper], position - (upper - 1))


@cache
def _decay(schedule: VariancePreserving) -> Tensor:
    """-log alpha_bar after 0, 1, ... ``steps`` betas, float64."""
    betas = torch.linspace(
        schedule.beta_min, schedule.beta_max, schedule.steps, dtype=torch.float64
    )
    return torch.cat([torch.zeros(1, dtype=torch.float64), -torch.log1p(-betas).cumsum(0)])


@dataclass(frozen=True)
class CosineSchedule(Schedule):
    """alpha_bar = cos^2 a(t) / cos^2 a(0), a(t) = (t + s) / (1 + s) * pi / 2: Nichol & Dhariwal
    2021, arXiv 2102.09672, equation 17.

    ``offset`` s keeps the first steps from being too small. As in the paper, the last of ``steps``
    betas is at most ``beta_max``, so that some signal is left at t = 1: so little, with sigma /
    alpha = 2e4, that Heun's first step would be lost in the other coordinates.
    """

    coordinates: ClassVar[ODECoordinates] = ODECoordinates.LINEAR

    offset: float = 0.008
    steps: int = 1000
    beta_max: float = 0.999

    def alpha(self, t: Tensor) -> Tensor:
        return (self._cosine(t) / self._cosine(torch.zeros_like(t))).clamp(min=self._least**0.5)

    def sigma(self, t: Tensor) -> Tensor:
        """sigma^2 = sin(a(t) - a(0)) sin(a(t) + a(0)) / cos^2 a(0), which does not cancel near the
        data."""
        quarter, start = math.pi / 2 / (1 + self.offset), self._start
        variance = (
            torch.sin(quarter * t) * torch.sin(quarter * t + 2 * start) / math.cos(start) ** 2
        )
        return variance.clamp(max=1 - self._least).sqrt()

    def time(self, ratio: Tensor) -> Tensor:
        angle = torch.atan2(
            (ratio.square() + math.sin(self._start) ** 2).sqrt(),
            torch.full_like(ratio, math.cos(self._start)),
        )
        t = ((angle - self._start) * (1 + self.offset) * 2 / math.pi).clamp(0, 1)
        return torch.where(
            ratio.square() < 0.999 / self._least, t, 1.0
        )  # the last has ``beta_max``

    def _cosine(self, t: Tensor) -> Tensor:
        """Cos a(t), as the sine of what is missing to a right angle."""
        return torch.sin((1 - t) / (1 + self.offset) * (math.pi / 2))

    @property
    def _start(self) -> float:
        """a(0)."""
        return self.offset / (1 + self.offset) * math.pi / 2

    @property
    def _least(self) -> float:
        """The alpha_bar at t = 1."""
        last = math.sin(1 / self.steps / (1 + self.offset) * math.pi / 2) / math.cos(self._start)
        return (1 - self.beta_max) * last**2


def expand_like(value: Tensor, x: Tensor) -> Tensor:
    """(B,) to (B, 1, ...), to broadcast against ``x``."""
    return value.reshape(-1, *(1,) * (x.ndim - 1))
