"""Filling in what is missing of x, given the rest, with a denoiser that was not trained for it.

Lugmayr et al. 2022, "RePaint: inpainting using denoising diffusion probabilistic models", arXiv
2201.09865. At each level the known part of x_t is what the forward process makes of the truth, and
the unknown part is a step of the reverse process. What is drawn agrees with the known part only
roughly at first; so each step is undone by the forward process and taken again a few times, which
lets the two parts settle.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import count, pairwise

import torch
from torch import Tensor

from .denoiser import Denoiser
from .samplers import Ancestral, Noise
from .schedules import NoiseLevel


def repaint(
    denoiser: Denoiser,
    known: Tensor,
    missing: Tensor,
    levels: Sequence[NoiseLevel],
    noise: Noise,
    resamples: int,
) -> Tensor:
    """x (B, *shape), equal to ``known`` except where ``missing`` (B, *shape) is true; each step is
    taken ``resamples`` times."""
    numbers, sampler = count(), Ancestral()

    def fresh(step: int = 0) -> Tensor:
        return noise(next(numbers))

    x: Tensor = (
        levels[0].alpha * known.where(~missing, known.new_zeros(())) + levels[0].sigma * fresh()
    )
    for now, then in pairwise(levels):
        rounds = resamples if then.sigma > 0 else 1
        for turn in range(rounds):
            stepped = sampler.sample(denoiser, x, [now, then], fresh)
            x = torch.where(missing, stepped, then.alpha * known + then.sigma * fresh())
            x = diffuse_again(x, then, now, fresh()) if turn < rounds - 1 else x
    return x


def diffuse_again(x: Tensor, low: NoiseLevel, high: NoiseLevel, eps: Tensor) -> Tensor:
    """The forward process from ``low`` to ``high``: x_t given x_s, t > s."""
    factor = high.alpha / low.alpha
    x_t: Tensor = factor * x + math.sqrt(max(0.0, high.sigma**2 - (factor * low.sigma) ** 2)) * eps
    return x_t
