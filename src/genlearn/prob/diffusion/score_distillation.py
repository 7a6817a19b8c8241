r"""Score distillation: a generator moved until its samples have the denoiser of the data.

Two distributions are equal exactly where their denoisers D and D_G are equal at all levels of
noise. E |delta|^2, delta = D - D_G at noisy samples x_t, is a Fisher divergence, but how D_G moves
with the generator is not known; as E[x | x_t] = D_G(x_t), the same number is E <delta, D - x>,
whose gradient errs in another way. Their combination is the objective (Zhou et al. 2024, arXiv
2404.04057).

**A few steps.** Noise is added back to a sample, less of it each time, and the generator guesses
again (Song et al. 2023, arXiv 2303.01469, algorithm 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .denoiser import Denoiser
from .samplers import Noise
from .schedules import NoiseLevel, Schedule, expand_like

# ratio of noise to data at which a generator starts: sigma_init = 2.5 for data of standard
# deviation 0.5 in Zhou et al. 2024
NOISIEST = 5.0
BIAS = 1.0  # a: 1 and 1.2 are best, ibid., table 1


def sid_loss(
    real: Denoiser, fake: Denoiser, x: Tensor, level: NoiseLevel, eps: Tensor, condition: Any
) -> Tensor:
    """E w (<delta, D - x> - a |delta|^2), w = 1 / mean |D - x| of each example without gradient
    (Yin et al. 2024, arXiv 2311.18828), for samples ``x`` (B, *shape) with gradient -> ()."""
    x_t = level.noised(x, eps)
    of_data, of_samples = (one.posterior_mean(x_t, level, condition) for one in (real, fake))
    delta, off = of_data - of_samples, of_data - x
    weight = 1 / off.detach().abs().flatten(1).mean(1).clamp(min=1e-5)
    return (expand_like(weight, x) * (delta * off - BIAS * delta.square())).mean()


def generation_levels(schedule: Schedule, sigma_data: float, steps: int) -> list[NoiseLevel]:
    """Where a generator guesses, even in sigma / (alpha + sigma), the noisiest first."""
    noisiest = NOISIEST * sigma_data
    shares = noisiest / (1 + noisiest) * (1 - torch.arange(steps, dtype=torch.float64) / steps)
    return [schedule.level(t) for t in schedule.time(shares / (1 - shares)).tolist()]


def generate(
    denoiser: Denoiser, x: Tensor, levels: Sequence[NoiseLevel], noise: Noise, first: int = 0
) -> Tensor:
    """From ``x`` through ``levels``, the noise of the first being number ``first``: a guess
    each."""
    for step, level in enumerate(levels, first):
        x = denoiser.posterior_mean(level.noised(x, noise(step)), level)
    return x
