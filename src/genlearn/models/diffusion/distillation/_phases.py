"""The phases of a distillation: a teacher learns, its student follows its paths, and then plays."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

Phase = Literal["teacher", "path", "game"]
_RISE = 20  # one part in so many of a phase, in which a student's rate rises
_ON_PATH, _IN_GAME, _DISCRIMINATOR = 1, 1 / 8, 1 / 2  # of the learning rate
_WIDTH = 0.02  # of the quadratic middle of the loss, where data has standard deviation 0.5


def phase(progress: float, taught: float, followed: float) -> tuple[Phase, float]:
    """Where a training is that has done ``progress`` of its steps, of which the teacher has those
    up to ``taught`` and its paths those up to ``followed``; and how much of the phase is done."""
    if progress < taught:
        return "teacher", progress / taught
    if progress < followed:
        return "path", (progress - taught) / (followed - taught)
    return "game", (progress - followed) / (1 - followed)


def rate(network: str, phase: Phase, done: float) -> float:
    """What multiplies the learning rate of a ``network``, once so much of the ``phase`` is done. It
    falls linearly to 0: over a teacher's steps, over those along its paths, and over the last half
    of the game. A student's rises first: a discriminator that has learned nothing leads astray."""
    if network == "teacher":
        return 1 - done
    falling = min(1.0, 2 * (1 - done))
    if network == "discriminator":
        return falling * _DISCRIMINATOR
    rising = min(1.0, _RISE * done)
    return min(rising, 1 - done) * _ON_PATH if phase == "path" else min(rising, falling) * _IN_GAME


def pseudo_huber(x: Tensor, target: Tensor) -> Tensor:
    """E sqrt(|x - target|^2 / D + c^2) - c, the length of an error rather than its square, so that
    few large ones do not rule: Song & Dhariwal 2023, arXiv 2310.14189, equation 8."""
    squares = (x - target).square().flatten(1).mean(1)
    return ((squares + _WIDTH**2).sqrt() - _WIDTH).mean()
