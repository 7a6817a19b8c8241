r"""Samplers: ways from noise to data with a denoiser, one rule for a step each, for all schedules
alike.

A step from level t to a cleaner level s has x_t, D = D(x_t) and eps_hat = (x_t - alpha_t D) /
sigma_t. It is of order p if it errs by O(h^(p+1)); n steps then leave an error of O(n^-p). A method
of several steps looks back at the D of those before, and takes the first ones of its way at a lower
order. The last step, to clean data, is always an Euler step: D is never asked about clean data.

Methods of several steps are in `multistep_samplers`. A further sampler is a final class like those
here with a ``name``; a package adds one through the entry points "genlearn.samplers".
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from operator import attrgetter
from typing import Any, ClassVar

from torch import Tensor

from ...core.registry import Registry, classes_in
from .denoiser import Denoiser
from .schedules import NoiseLevel, ODECoordinates

_MULTISTEP = "genlearn.prob.diffusion.multistep_samplers"
Noise = Callable[[int], Tensor]  # number of the step -> standard normal noise, like x_t
State = Any  # what a sampler remembers of its steps; each has its own, or None


@dataclass(frozen=True)
class TrajectoryPoint:
    """x_t at ``level``, and the expected x that led to it: None at the start."""

    x: Tensor
    expected: Tensor | None
    level: NoiseLevel


@dataclass(frozen=True)
class Move:
    """What a step knows: its ``number``, how many lead to clean data from it on (None: the way ends
    before), x_t and D at its ``start``, and the level to reach (``end``)."""

    number: int
    left: int | None
    x: Tensor
    expected: Tensor
    start: NoiseLevel
    end: NoiseLevel
    denoiser: Denoiser
    noise: Noise


@dataclass(frozen=True)
class Sampler(ABC):
    """A rule for one step; its fields are its settings. It keeps no state: what it remembers of a
    trajectory is handed from step to step."""

    name: ClassVar[str]  # by which it is chosen
    order: ClassVar[int]
    evaluations: ClassVar[int] = 1  # of D in a step

    @property
    def stochastic(self) -> bool:
        """Whether steps add fresh noise, so that a start leads to no certain end."""
        return False

    @abstractmethod
    def step(self, move: Move, state: State) -> tuple[Tensor, State]:
        """x_s at ``move.end``, and the sampler's state for the next step; None at the first."""

    def trajectory(
        self, denoiser: Denoiser, x: Tensor, levels: list[NoiseLevel], noise: Noise
    ) -> Iterator[TrajectoryPoint]:
        """The start, then the point after each step.

        ``x`` is x_t at ``levels[0]``; ``levels`` descend to clean data (`Schedule.levels`). Points
        keep the dtype of ``x``.
        """
        state: State = None
        yield TrajectoryPoint(x, None, levels[0])
        for number, (start, end) in enumerate(pairwise(levels)):
            left = None if levels[-1].sigma > 0 else len(levels) - 1 - number
            expected = denoiser.posterior_mean(x, start)
            move = Move(number, left, x, expected, start, end, denoiser, noise)
            x, state = self.step(move, state)
            yield TrajectoryPoint(x, move.expected, end)

    def sample(
        self, denoiser: Denoiser, x: Tensor, levels: list[NoiseLevel], noise: Noise
    ) -> Tensor:
        """The x at the end of the `trajectory`."""
        return last(self.trajectory(denoiser, x, levels, noise)).x


def last(points: Iterable[TrajectoryPoint]) -> TrajectoryPoint:
    """Where a trajectory ends; what lies before is not kept."""
    return deque(points, maxlen=1).pop()


@dataclass(frozen=True)
class Euler(Sampler):
    """x_s = alpha_s D + sigma_s eps_hat: exact if D stays as it is; the same in all coordinates."""

    name: ClassVar[str] = "euler"
    order: ClassVar[int] = 1

    def step(self, move: Move, state: State) -> tuple[Tensor, State]:
        return euler_step(move.x, move.expected, move.start, move.end), None


@dataclass(frozen=True)
class DDIM(Sampler):
    """x_s = alpha_s D + sqrt(sigma_s^2 - std^2) eps_hat + std z: Song et al. 2020, arXiv
    2010.02502.

    std^2 = eta^2 (sigma_t^2 - (alpha_t / alpha_s)^2 sigma_s^2) sigma_s^2 / sigma_t^2, ``eta`` in
    [0, 1]; at 0 it is Euler's.
    """

    name: ClassVar[str] = "ddim"
    order: ClassVar[int] = 1
    eta: float = 0.0

    @property
    def stochastic(self) -> bool:
        return self.eta > 0

    def step(self, move: Move, state: State) -> tuple[Tensor, State]:
        start, end = move.start, move.end
        # the variance that leads from x_s to x_t
        fresh = start.sigma**2 - (start.alpha / end.alpha * end.sigma) ** 2
        std = self.eta * math.sqrt(max(fresh, 0.0)) * end.sigma / start.sigma
        x = euler_step(
            move.x, move.expected, start, replace(end, sigma=math.sqrt(end.sigma**2 - std**2))
        )
        return (x + std * move.noise(move.number) if std else x), None


@dataclass(frozen=True)
class Ancestral(DDIM):
    """A draw from q(x_s | x_t, x = D), which is DDIM with eta = 1: Ho et al. 2020, arXiv
    2006.11239, with the small variance."""

    name: ClassVar[str] = "ancestral"
    eta: float = field(default=1.0, init=False)


@dataclass(frozen=True)
class Heun(Sampler):
    """The mean of the slopes at both ends of an Euler step, in the schedule's coordinates: Karras
    et al. 2022, arXiv 2206.00364."""

    name: ClassVar[str] = "heun"
    order: ClassVar[int] = 2
    evaluations: ClassVar[int] = 2

    def step(self, move: Move, state: State) -> tuple[Tensor, State]:
        start, end = move.start, move.end
        guess = euler_step(move.x, move.expected, start, end)
        # the coordinates must hold both ends
        if end.sigma == 0 or start.coordinates.scale(start) == 0:
            return guess, None
        there = move.denoiser.posterior_mean(guess, end)
        return heun_step(move.x, move.expected, guess, there, start, end, start.coordinates), None


def euler_step(x: Tensor, expected: Tensor, start: NoiseLevel, end: NoiseLevel) -> Tensor:
    """alpha_s D + sigma_s eps_hat."""
    kept = end.sigma / start.sigma
    x_s: Tensor = kept * x + (end.alpha - kept * start.alpha) * expected
    return x_s


def ode_derivative(
    x: Tensor, expected: Tensor, level: NoiseLevel, coordinates: ODECoordinates
) -> Tensor:
    """dy / dtau = (y - D) / tau, y = x / c."""
    return (x / coordinates.scale(level) - expected) / coordinates.tau(level)


def heun_step(
    x: Tensor,
    expected: Tensor,
    guess: Tensor,
    there: Tensor,
    start: NoiseLevel,
    end: NoiseLevel,
    coordinates: ODECoordinates,
) -> Tensor:
    """The trapezoidal step: the slope at the end is that of D = ``there``, at a ``guess`` of where
    the step leads."""
    slopes = (
        ode_derivative(x, expected, start, coordinates),
        ode_derivative(guess, there, end, coordinates),
    )
    length = coordinates.tau(end) - coordinates.tau(start)
    return coordinates.scale(end) * (
        x / coordinates.scale(start) + length * (slopes[0] + slopes[1]) / 2
    )


def _own() -> dict[str, Callable[[], Any]]:
    return classes_in(__name__, Sampler) | classes_in(_MULTISTEP, Sampler)


SAMPLERS: Registry[type[Sampler]] = Registry("sampler", _own, attrgetter("name"))


def create_sampler(name: str, **settings: Any) -> Sampler:
    """The sampler called ``name``, with those of the ``settings`` that it has. Raises `UserError`
    for an unknown one."""
    kind = SAMPLERS.find(name)
    own = {setting.name for setting in fields(kind) if setting.init}
    return kind(**{key: value for key, value in settings.items() if key in own})
