r"""Restoration: what a denoiser that was not trained for it can undo.

**Noise of known strength.** x + r eps is x_t / alpha at the level of ratio sigma / alpha = r, so D
of it is the expected clean x.

**Noise of unknown strength** is recognised by what is left of it: taken for cleaner than it is, an
example leaves a larger residual |y - D(y)|^2 / (d r^2) than examples with noise of ratio r do;
taken for noisier, a smaller one.

**From an example to others like it** (Meng et al. 2021, "SDEdit", arXiv 2108.01073): the way back
starts at an example with so much noise that a share of the steps, its *strength*, is left.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .denoiser import Denoiser
from .schedules import NoiseLevel


def remove_noise(denoiser: Denoiser, noisy: Tensor, ratios: Tensor) -> Tensor:
    """E[x | x + r eps = ``noisy``] for the ``ratios`` r (B,) of each example, like ``noisy`` (B,
    *shape)."""
    schedule = denoiser.schedule
    level = schedule.at(schedule.time(ratios.cpu().double())).like(noisy)
    return denoiser.posterior_mean(noisy * level.alpha, level)


def residual(denoiser: Denoiser, noisy: Tensor, ratio: float) -> Tensor:
    """|y - D(y)|^2 / (d r^2) of each example, (B,), taken to have noise of ``ratio`` r."""
    expected = remove_noise(denoiser, noisy, noisy.new_full((len(noisy),), ratio))
    return (noisy - expected).square().flatten(1).mean(1) / ratio**2


def estimate_noise(
    denoiser: Denoiser, noisy: Tensor, ratios: Sequence[float], residuals: Tensor
) -> Tensor:
    """The ratio of the noise on each example, (B,), between those of rising ``ratios``, where
    examples leave ``residuals`` (K,)."""
    excess = torch.stack(
        [residual(denoiser, noisy, r) / usual for r, usual in zip(ratios, residuals, strict=True)],
        1,
    ).log()
    # the residual falls with the ratio: so many lie below the noise
    above = (excess > 0).sum(1).clamp(1, len(ratios) - 1)
    low, high = (excess.gather(1, place[:, None])[:, 0] for place in (above - 1, above))
    share = (low / (low - high).clamp(min=1e-6)).clamp(0, 1)
    logs = torch.tensor(list(ratios)).log().to(noisy)
    return torch.lerp(logs[above - 1], logs[above], share).exp()


def start_from(
    x: Tensor, levels: list[NoiseLevel], strength: float, eps: Tensor
) -> tuple[Tensor, list[NoiseLevel]]:
    """x_t of ``x`` at the level that a share ``strength`` in (0, 1] of the steps leads from, and
    the levels left to take."""
    left = levels[-1 - max(1, round(strength * (len(levels) - 1))) :]
    return left[0].noised(x, eps), left
