r"""Samplers that look back: D as a function of lambda = log(alpha / sigma), from the steps before.

In lambda the probability-flow ODE has the exact solution (Lu et al. 2022, arXiv 2211.01095)

    x_s = (sigma_s / sigma_t) x_t + alpha_s int_0^h e^(u - h) D(u) du,      h = lambda_s - lambda_t,

an Euler step with D replaced by its mean under the weight e^(u - h). Methods differ in the
polynomial that stands for D.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .samplers import Move, Sampler, State, euler_step
from .schedules import NoiseLevel


@dataclass(frozen=True)
class DPMSolver2M(Sampler):
    """DPM-Solver++(2M): D extrapolated to the middle of the step, linearly in lambda = log(alpha /
    sigma) from the last two steps.

    Lu et al. 2022, arXiv 2211.01095, algorithm 2. Its state is the level and the D of the step
    before.
    """

    name: ClassVar[str] = "dpm++2m"
    order: ClassVar[int] = 2

    def step(self, move: Move, state: State) -> tuple[Tensor, State]:
        expected = move.expected
        if state is not None and move.end.sigma > 0:  # lambda = infinity at clean data
            level, before = state
            weight = log_snr_step(move.start, move.end) / log_snr_step(level, move.start) / 2
            expected = expected + weight * (expected - before)
        return euler_step(move.x, expected, move.start, move.end), (move.start, move.expected)


@dataclass(frozen=True)
class Multistep:
    """The state of `UniPC`: x at the last step's start, corrected; levels and D so far, the latest
    last; that step's order."""

    x: Tensor
    nodes: tuple[tuple[NoiseLevel, Tensor], ...]
    order: int


@dataclass(frozen=True)
class UniPC(Sampler):
    """Unified predictor-corrector of order 3: Zhao et al. 2023, arXiv 2302.04867 (bh2, data
    prediction).

    An Euler step in which D is replaced by the mean of the polynomial in lambda = log(alpha /
    sigma) through the latest D,

        x_s = (sigma_s / sigma_t) x_t + alpha_s int_0^h e^(u - h) D(u) du,  h = lambda_s - lambda_t.

    Once D is known at its end the step is taken again with that D as a further node, which is one
    order more for no evaluation. The first steps and the last have fewer nodes.
    """

    name: ClassVar[str] = "unipc"
    order: ClassVar[int] = 3

    def step(self, move: Move, state: State) -> tuple[Tensor, State]:
        x, now = move.x, (move.start, move.expected)
        nodes: tuple[tuple[NoiseLevel, Tensor], ...] = ()
        if state is not None:
            nodes = state.nodes
            x = polynomial_step(state.x, nodes[-1], (*nodes[-state.order : -1], now), move.start)
        nodes = (*nodes, now)[-self.order :]
        order = min(len(nodes), move.left or self.order)
        end = polynomial_step(x, now, nodes[-order:-1], move.end)
        return end, Multistep(x, nodes, order)


def polynomial_step(
    x: Tensor,
    at: tuple[NoiseLevel, Tensor],
    others: Sequence[tuple[NoiseLevel, Tensor]],
    end: NoiseLevel,
) -> Tensor:
    """An Euler step from ``x`` with the mean of the polynomial through D ``at`` its start and at
    ``others``.

    With one other node its weight is 1/2, as in the paper's bh2; nodes at pure noise, infinitely
    far away, count as absent.
    """
    start, expected = at
    near = [(level, d) for level, d in others if level.alpha > 0]
    h, powers = log_snr_step(start, end), np.arange(len(near))
    places = np.array(
        [log_snr_step(start, level) / h if math.isfinite(h) else 1.0 for level, _ in near]
    )
    weights = np.array([0.5])
    if len(near) > 1:
        weights = np.linalg.solve(places[None, :] ** powers[:, None], _moments(h, len(near)))
    slopes = [
        (d - expected) * float(w / r) for (_, d), w, r in zip(near, weights, places, strict=False)
    ]
    return euler_step(x, sum(slopes, expected), start, end)


def _moments(h: float, count: int) -> NDArray[np.float64]:
    """Means of (u/h)^k, k = 1 ... ``count``, under the weight e^(u - h) on [0, h]."""
    mass, moments = -math.expm1(-h), [1.0]
    for k in range(1, count + 1):
        moments.append((1 - k * moments[-1] * mass / h) / mass)
    return np.array(moments[1:])


def log_snr_step(start: NoiseLevel, end: NoiseLevel) -> float:
    """lambda_s - lambda_t: infinite from pure noise and to clean data, minus infinity to pure
    noise."""
    if end.alpha == 0:
        return -math.inf
    return math.log(start.ratio / end.ratio) if end.sigma else math.inf
