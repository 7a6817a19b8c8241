r"""Guidance: a map from denoisers to denoisers that trades diversity for agreement with a condition.

    D_w = D_u + w (D_c - D_u)                     classifier-free guidance, Ho & Salimans 2022, arXiv 2207.12598

Strong guidance drives D out of the range that pixels have, and what a sampler then makes of it is glaring. *Thresholding* brings D back at each step:
static, by clipping; dynamic, by clipping at a high quantile of |D| and dividing by it, which keeps what is inside apart (Saharia et al. 2022, arXiv
2205.11487, section 2.3).

For two Gaussians of the same covariance it samples N(mu_u + w (mu_c - mu_u), S) exactly; in general it is not the sampler of p_u^(1-w) p_c^w.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .paths import Level
from .samplers import Denoiser


def guided(conditional: Denoiser, unconditional: Denoiser, scale: float, interval: tuple[float, float] = (0.0, 1.0)) -> Denoiser:
    """D_w for t in ``interval``, and D_c outside of it (Kynkaanniemi et al. 2024, arXiv 2404.07724).

    ``scale`` w = 1 is D_c, w = 0 is D_u, w > 1 exaggerates the condition. D_u is evaluated only where it counts.
    """
    if scale == 1:
        return conditional
    low, high = interval

    def denoise(x: Tensor, level: Level) -> Tensor:
        expected = conditional(x, level)
        return torch.lerp(unconditional(x, level), expected, scale) if low <= level.t <= high else expected

    return denoise


def static(x: Tensor) -> Tensor:
    """x clipped to [-1, 1]."""
    return x.clamp(-1, 1)


def dynamic(x: Tensor, share: float) -> Tensor:
    """x clipped to [-s, s] and divided by s; s: the quantile of |x| that a ``share`` of the numbers of an example stays below, and at least 1."""
    s = x.flatten(1).abs().float().quantile(share, dim=1).clamp(min=1).to(x.dtype).reshape(-1, *(1,) * (x.ndim - 1))
    return x.clamp(-s, s) / s
