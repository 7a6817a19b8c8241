r"""Samplers: ways to walk a path from noise to data with a denoiser, one step rule each, for all paths alike.

A step from level t to a cleaner level s has x_t, D = D(x_t) and eps_hat = (x_t - alpha_t D) / sigma_t:

    euler       x_s = alpha_s D + sigma_s eps_hat                                  exact if D stays as it is; the same in every frame
    ddim        x_s = alpha_s D + sqrt(sigma_s^2 - std^2) eps_hat + std z          Song et al. 2020, arXiv 2010.02502; with eta = 0 it is euler
                std^2 = eta^2 (sigma_t^2 - (alpha_t / alpha_s)^2 sigma_s^2) sigma_s^2 / sigma_t^2
    ancestral   ddim with eta = 1: a draw from q(x_s | x_t, x = D)                 Ho et al. 2020, arXiv 2006.11239, with the small variance
    heun        the mean of the slopes at both ends, in the path's frame           Karras et al. 2022, arXiv 2206.00364
    dpm++2m     euler with D extrapolated to the middle of the step, linearly
                in lambda = log(alpha / sigma), from the last two steps            Lu et al. 2022, arXiv 2211.01095

A sampler is of order p if n steps leave an error of O(n^-p): 1 for euler and ddim, 2 for heun and dpm++2m.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from torch import Tensor

from ..core.errors import UserError, nearest
from .paths import Frame, Level

Denoiser = Callable[[Tensor, Level], Tensor]  # (x_t, level) -> the expected x, like x_t
Draw = Callable[[int], Tensor]  # number of the step -> standard normal noise, like x_t


@dataclass(frozen=True)
class Point:
    """x_t at ``level``, and the expected x that led to it: None at the start."""

    x: Tensor
    expected: Tensor | None
    level: Level


@dataclass(frozen=True)
class Step:
    """What a rule knows: x_t and D at the ``start``, the level to reach (``end``), and the start and D of the step ``before``, if there was one."""

    number: int
    x: Tensor
    expected: Tensor
    start: Level
    end: Level
    before: tuple[Level, Tensor] | None
    denoise: Denoiser
    draw: Draw
    eta: float


def last(points: Iterable[Point]) -> Point:
    """Where a way ends; what lies before is not kept."""
    return deque(points, maxlen=1).pop()


def trajectory(denoise: Denoiser, x: Tensor, levels: list[Level], sampler: str, draw: Draw, eta: float = 0.0) -> Iterator[Point]:
    """The start, then the point after each step.

    ``x`` is x_t at ``levels[0]``, noise of standard deviation sigma; ``levels`` descend to clean data (`Path.levels`). Only "ancestral" and "ddim"
    with ``eta`` > 0 draw noise. Points keep the dtype of ``x``.
    """
    rule, before = _rule(sampler), None
    yield Point(x, None, levels[0])
    for number, (start, end) in enumerate(pairwise(levels)):
        expected = denoise(x, start)
        x = rule(Step(number, x, expected, start, end, before, denoise, draw, eta))
        before = start, expected
        yield Point(x, expected, end)


def sample(denoise: Denoiser, x: Tensor, levels: list[Level], sampler: str, draw: Draw, eta: float = 0.0) -> Tensor:
    """The x at the end of the `trajectory`."""
    for point in trajectory(denoise, x, levels, sampler, draw, eta):
        x = point.x
    return x


def towards(x: Tensor, expected: Tensor, start: Level, end: Level) -> Tensor:
    """The Euler step: alpha_s D + sigma_s eps_hat."""
    kept = end.sigma / start.sigma
    return kept * x + (end.alpha - kept * start.alpha) * expected


def slope(x: Tensor, expected: Tensor, level: Level, frame: Frame) -> Tensor:
    """dy / dtau = (y - D) / tau, y = x / c."""
    return (x / frame.scale(level) - expected) / frame.clock(level)


def corrected(x: Tensor, expected: Tensor, guess: Tensor, expected_there: Tensor, start: Level, end: Level, frame: Frame) -> Tensor:
    """The trapezoidal step, with the slope at the end taken at a ``guess`` of where it leads."""
    mean = (slope(x, expected, start, frame) + slope(guess, expected_there, end, frame)) / 2
    return frame.scale(end) * (x / frame.scale(start) + (frame.clock(end) - frame.clock(start)) * mean)


def _euler(step: Step) -> Tensor:
    return towards(step.x, step.expected, step.start, step.end)


def _ancestral(step: Step) -> Tensor:
    return _stochastic(step, 1.0)


def _ddim(step: Step) -> Tensor:
    return _stochastic(step, step.eta)


def _stochastic(step: Step, eta: float) -> Tensor:
    start, end = step.start, step.end
    fresh = start.sigma**2 - (start.alpha / end.alpha * end.sigma) ** 2  # the variance that leads from x_s to x_t
    std = eta * math.sqrt(max(fresh, 0.0)) * end.sigma / start.sigma
    x = towards(step.x, step.expected, start, replace(end, sigma=math.sqrt(end.sigma**2 - std**2)))
    return x + std * step.draw(step.number) if std else x


def _heun(step: Step) -> Tensor:
    x, expected, start, end = step.x, step.expected, step.start, step.end
    guess = _euler(step)
    if end.sigma == 0 or start.frame.scale(start) == 0:  # D is not asked about clean data, and the frame must hold both ends
        return guess
    return corrected(x, expected, guess, step.denoise(guess, end), start, end, start.frame)


def _dpm2m(step: Step) -> Tensor:
    start, end = step.start, step.end
    if step.before is None or end.sigma == 0:  # lambda = infinity at clean data
        return _euler(step)
    level, expected = step.before  # from pure noise, lambda = -infinity, the weight is 0
    weight = math.log(start.ratio / end.ratio) / math.log(level.ratio / start.ratio) / 2
    return towards(step.x, step.expected + weight * (step.expected - expected), start, end)


SAMPLERS: dict[str, Callable[[Step], Tensor]] = {
    "ancestral": _ancestral,
    "ddim": _ddim,
    "euler": _euler,
    "heun": _heun,
    "dpm++2m": _dpm2m,
}


def _rule(sampler: str) -> Callable[[Step], Tensor]:
    if sampler not in SAMPLERS:
        raise UserError(f"there is no sampler {sampler!r}: {nearest(sampler, SAMPLERS)}")
    return SAMPLERS[sampler]
