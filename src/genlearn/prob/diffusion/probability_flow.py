r"""The probability-flow ODE as a map: it carries x_t to any other level and back, and its change of
volume gives the density of the data.

In the coordinates y = x_t / c over tau (`schedules.ODECoordinates`), dy/dtau = (y - D) / tau, so
that along a solution

    d log p(y) / dtau = -div_y (y - D) / tau = -g / tau,      g = d - c tr dD/dx_t

(the instantaneous change of variables: Chen et al. 2018, arXiv 1806.07366; Song et al. 2021, arXiv
2011.13456). From level 0 to level 1, with the Jacobian c^-d of the coordinates,

    log p_0(x_0) = log p_1(x_1) + d log(c_1 / c_0) + integral of g / tau dtau

Heun's rule integrates y and log p side by side. Any coordinates fit any schedule and give the same
answer in the end, but take `ODECoordinates.LINEAR`: in the other ones g / tau falls like 1 / tau
far from the data, and the trapezoidal rule overestimates its integral. On Gaussian data, in 24
steps of Karras' grid from ratio .002 to 160, that is .07 to .1 nat too much per dimension; the
linear ones, whose tau is bounded, are off by .002.

The trace is exact by d vector-Jacobian products, or estimated without bias as E[p^T J p] with
probes p of independent signs (Hutchinson 1989; Grathwohl et al. 2019, arXiv 1810.01367).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from ...core.errors import UserError
from ..posteriors import standard_log_prob
from .denoiser import Denoiser
from .samplers import euler_step, heun_step
from .schedules import NoiseLevel, ODECoordinates

# ratio that is as good as noise alone; beyond, errors of D grow and nothing is learned of x
NOISIEST = 160.0
_COORDINATES = ODECoordinates.LINEAR
# (f, x) -> f(x), tr df/dx of each example (B,)
Divergence = Callable[[Callable[[Tensor], Tensor], Tensor], tuple[Tensor, Tensor]]


def integrate_ode(
    denoiser: Denoiser, x: Tensor, levels: list[NoiseLevel], coordinates: ODECoordinates
) -> Tensor:
    """Heun's steps through ``levels``, in either direction: x_t at the first -> x_t at the last.
    Every level needs sigma > 0."""
    _check(levels, coordinates)
    for start, end in pairwise(levels):
        expected = denoiser.posterior_mean(x, start)
        guess = euler_step(x, expected, start, end)
        x = heun_step(
            x, expected, guess, denoiser.posterior_mean(guess, end), start, end, coordinates
        )
    return x


def log_density(
    denoiser: Denoiser,
    x: Tensor,
    levels: list[NoiseLevel],
    coordinates: ODECoordinates,
    prior_log_prob: Callable[[Tensor], Tensor],
    divergence: Divergence,
) -> Tensor:
    """log p at ``levels[0]`` of ``x`` (B, *shape), in nats, shape (B,).

    ``levels`` lead from the least noise, sigma > 0, to a level whose distribution is known:
    ``prior_log_prob`` maps x_t there to (B,).
    """
    _check(levels, coordinates)
    dim = x[0].numel()
    total = x.new_full(
        (len(x),), dim * math.log(coordinates.scale(levels[-1]) / coordinates.scale(levels[0]))
    )
    for start, end in pairwise(levels):
        expected, growth = _growth(denoiser, x, start, coordinates, divergence)
        guess = euler_step(x, expected, start, end)
        expected_there, growth_there = _growth(denoiser, guess, end, coordinates, divergence)
        x = heun_step(x, expected, guess, expected_there, start, end, coordinates)
        total = (
            total + (coordinates.tau(end) - coordinates.tau(start)) * (growth + growth_there) / 2
        )
    return total + prior_log_prob(x)


def exact_divergence(f: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """f(x) and tr df/dx (B,), by one vector-Jacobian product for each of the d dimensions; f treats
    examples one by one."""
    axes = torch.eye(x[0].numel(), dtype=x.dtype, device=x.device).reshape(-1, *x.shape[1:])
    value, quadratic = _quadratic_forms(f, x, axes)
    return value, quadratic.sum(0)


def hutchinson(f: Callable[[Tensor], Tensor], x: Tensor, probes: Tensor) -> tuple[Tensor, Tensor]:
    """f(x) and the mean of p^T (df/dx) p over ``probes`` of signs -1, 1: (K, B, *shape), or (K,
    *shape) for all alike; (B,)."""
    value, quadratic = _quadratic_forms(f, x, probes)
    return value, quadratic.mean(0)


def _quadratic_forms(
    f: Callable[[Tensor], Tensor], x: Tensor, directions: Tensor
) -> tuple[Tensor, Tensor]:
    """f(x) and p^T (df/dx) p for each of K ``directions``, for all examples alike or one for each:
    (K, B)."""
    # callers only infer, but derivatives are wanted here
    with torch.inference_mode(False), torch.enable_grad():
        x = x.clone().requires_grad_()
        value = f(x)
        forms = [(_product(value, x, p.clone()) * p).flatten(1).sum(1) for p in directions]
    return value.detach(), torch.stack(forms)


def _product(value: Tensor, x: Tensor, direction: Tensor) -> Tensor:
    """p^T df/dx of each example, like x."""
    (product,) = torch.autograd.grad(value, x, direction.expand_as(value), retain_graph=True)
    return product


def _growth(
    denoiser: Denoiser,
    x: Tensor,
    level: NoiseLevel,
    coordinates: ODECoordinates,
    divergence: Divergence,
) -> tuple[Tensor, Tensor]:
    """D(x_t) and the growth of log volume in y, g / tau: (B,)."""
    expected, trace = divergence(lambda x_t: denoiser.posterior_mean(x_t, level), x)
    return expected, (x[0].numel() - coordinates.scale(level) * trace) / coordinates.tau(level)


def _check(levels: list[NoiseLevel], coordinates: ODECoordinates) -> None:
    if any(level.sigma <= 0 or coordinates.scale(level) <= 0 for level in levels):
        raise UserError(
            f"the flow is followed in the coordinates {coordinates.name} where sigma or the scale"
            " is 0: leave out the levels at the ends of the path"
        )


@dataclass(frozen=True, eq=False)
class ProbabilityFlow:
    """The flow of a ``denoiser`` between data and codes: z = x_T / std(x_T), by Heun's method
    through ``levels``, noise last."""

    denoiser: Denoiser
    levels: list[NoiseLevel]

    @classmethod
    def through(cls, denoiser: Denoiser, low: float, steps: int) -> ProbabilityFlow:
        """From ratio ``low`` to noise in ``steps``, even in arctan(sqrt(ratio)): the map is
        steepest at both ends."""
        schedule = denoiser.schedule
        most = min(schedule.level(1.0).ratio, NOISIEST)
        ratios = np.tan(np.linspace(math.atan(low**0.5), math.atan(most**0.5), steps + 1)) ** 2
        times = schedule.time(torch.from_numpy(ratios)).tolist()
        return cls(denoiser, [schedule.level(t) for t in times])

    def encode(self, x: Tensor) -> Tensor:
        """Codes of data, N(0, 1) each: like ``x`` (B, *shape)."""
        return integrate_ode(self.denoiser, self._alpha * x, self.levels, _COORDINATES) / self._std

    def decode(self, z: Tensor) -> Tensor:
        """Data of codes: like ``z`` (B, *shape)."""
        return (
            integrate_ode(self.denoiser, z * self._std, self.levels[::-1], _COORDINATES)
            / self._alpha
        )

    def log_prob(self, x: Tensor, divergence: Divergence) -> Tensor:
        """log p(x), (B,), in nats, of continuous data."""
        return self.log_prob_noisy(self._alpha * x, divergence) + x[0].numel() * math.log(
            self._alpha
        )

    def noised(self, x: Tensor, eps: Tensor) -> Tensor:
        """A draw of q(x_0|x)."""
        return self.levels[0].noised(x, eps)

    def log_prob_bound(self, x: Tensor, eps: Tensor, divergence: Divergence) -> Tensor:
        """log p_0(x_0) - log q(x_0|x), (B,), at the draw of q that ``eps`` makes: log P(x) but for
        the decoder."""
        entropy = x[0].numel() * math.log(self.levels[0].sigma) - standard_log_prob(eps.flatten(1))
        return self.log_prob_noisy(self.noised(x, eps), divergence) + entropy

    def log_prob_noisy(self, noisy: Tensor, divergence: Divergence) -> Tensor:
        """log p of x_0, the first level's, (B,)."""
        dim, std = noisy[0].numel(), self._std
        return log_density(
            self.denoiser,
            noisy,
            self.levels,
            _COORDINATES,
            lambda x: standard_log_prob(x.flatten(1) / std) - dim * math.log(std),
            divergence,
        )

    def expected(self, noisy: Tensor) -> Tensor:
        """D at the first level, like ``noisy``."""
        return self.denoiser.posterior_mean(noisy, self.levels[0])

    @property
    def _alpha(self) -> float:
        return float(self.levels[0].alpha)

    @property
    def _std(self) -> float:
        return self.denoiser.std(self.levels[-1])


def great_circle(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """From ``a`` to ``b`` at an even angle, and at a length that changes evenly; between opposite
    ones by some way or other."""
    first, last = (one.double().norm().clamp(min=1e-12) for one in (a, b))
    start, end = a.double() / first, b.double() / last
    # arccos would be off by as much as opposite codes are apart
    angle = 2 * torch.atan2((start - end).norm(), (start + end).norm())
    across = end - (start * end).sum() * start
    across = across / across.norm().clamp(min=1e-12)
    direction = torch.cos(t * angle) * start + torch.sin(t * angle) * across
    point: Tensor = direction * torch.lerp(first, last, t.double())
    return point.to(a.dtype)
