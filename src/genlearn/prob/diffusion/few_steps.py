"""Generating in a few steps: guess the clean example, add less noise than before, guess again (Song
et al. 2023, arXiv 2303.01469, algorithm 1).

A guess is all that is asked of the network, so what makes it a generator is how it was trained: the
posterior mean of much noise is a blur, that of a *student* a sample.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .denoiser import Denoiser
from .probability_flow import integrate_ode
from .samplers import Noise
from .schedules import NoiseLevel, ODECoordinates, Schedule

# ratio of noise to data at which a generator starts: sigma_init = 2.5 for data of standard
# deviation 0.5 in Zhou et al. 2024, arXiv 2404.04057
NOISIEST = 5.0
_PATH = 3  # guesses by which a path is followed: its end is near, not exact


def generation_levels(schedule: Schedule, sigma_data: float, steps: int) -> list[NoiseLevel]:
    """Where a generator guesses, even in sigma / (alpha + sigma), the noisiest first."""
    return _even(schedule, NOISIEST * sigma_data, steps)


def _even(schedule: Schedule, ratio: float, steps: int) -> list[NoiseLevel]:
    """From sigma / alpha = ``ratio`` downwards."""
    shares = ratio / (1 + ratio) * (1 - torch.arange(steps, dtype=torch.float64) / steps)
    return [schedule.level(t) for t in schedule.time(shares / (1 - shares)).tolist()]


def generate(denoiser: Denoiser, x_t: Tensor, levels: Sequence[NoiseLevel], noise: Noise) -> Tensor:
    """From ``x_t`` at the first of ``levels`` through all of them, a guess each; the noise of a
    level has its number."""
    x = denoiser.posterior_mean(x_t, levels[0])
    for step, level in enumerate(levels[1:], 1):
        x = denoiser.posterior_mean(level.noised(x, noise(step)), level)
    return x


@torch.no_grad()
def path_end(denoiser: Denoiser, x_t: Tensor, level: NoiseLevel) -> Tensor:
    """About where the probability-flow ODE leads from ``x_t`` at ``level``: the example of this
    noise."""
    levels = _even(denoiser.schedule, level.ratio, _PATH)
    x_s = integrate_ode(denoiser, x_t, levels, ODECoordinates.LINEAR)
    return denoiser.posterior_mean(x_s, levels[-1])
