r"""Guidance and thresholds: denoisers made of denoisers.

Guidance trades diversity for agreement with a condition,

    D_w = D_u + w (D_c - D_u)       classifier-free guidance, Ho & Salimans 2022, arXiv 2207.12598.

Strong guidance drives D out of the range that pixels have, and what a sampler then makes of it is
glaring. *Thresholding* brings D back at each step: static, by clipping; dynamic, by clipping at a
high quantile of |D| and dividing by it, which keeps what is inside apart (Saharia et al. 2022,
arXiv 2205.11487, section 2.3).

Guidance asks for two evaluations a step. A network can learn D_w itself, from data alone, by its
part in D_c: the objective of D_c is that of D_u + (D_w - D_u) / w, D_u held fixed (Chen et al.
2025, arXiv 2501.15420; `denoiser.LearnedDenoiser.loss`).

For two Gaussians of the same covariance guidance samples N(mu_u + w (mu_c - mu_u), S) exactly; in
general it is not the sampler of p_u^(1-w) p_c^w.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from .denoiser import Denoiser, Normalizer, Wrapper
from .schedules import NoiseLevel

# examples up to which one batch of twice as many is faster than two (1.7 times for one, 1.3 for
# eight, 1.02 for 64: benchmarks/README.md); it takes twice the memory
_FEW = 32


@dataclass(frozen=True, eq=False)
class ClassifierFreeGuidance(Wrapper):
    """D_w for t in ``interval``, and D_c outside of it (Kynkaanniemi et al. 2024, arXiv
    2404.07724).

    ``base``: D_c; ``unconditional``: D_u, evaluated only where it counts; ``scale``: w, 1 for D_c,
    0 for D_u, above 1 to exaggerate; ``pair``: D_c of the first half of a batch and D_u of the
    second, by which few examples are guided in one go.
    """

    unconditional: Denoiser
    scale: float
    interval: tuple[float, float] = (0.0, 1.0)
    pair: Denoiser | None = None

    def posterior_mean(self, x_t: Tensor, level: NoiseLevel, condition: Any = None) -> Tensor:
        if self.scale == 1 or not self.interval[0] <= level.t <= self.interval[1]:
            return self.base.posterior_mean(x_t, level, condition)
        if self.pair is not None and len(x_t) <= _FEW:
            both = self.pair.posterior_mean(torch.cat([x_t, x_t]), level)
            expected, general = both.chunk(2)
        else:
            expected = self.base.posterior_mean(x_t, level, condition)
            general = self.unconditional.posterior_mean(x_t, level)
        return torch.lerp(general, expected, self.scale)


@dataclass(frozen=True, eq=False)
class Thresholded(Wrapper):
    """``base`` with D brought into the range [-1, 1] of the data by ``threshold``.

    ``normalizer``: from the data's units to those of D; ``offset``: what D is a difference to, in
    the data's units, if it is one.
    """

    threshold: Callable[[Tensor], Tensor]
    normalizer: Normalizer
    offset: Tensor | float = 0.0

    def posterior_mean(self, x_t: Tensor, level: NoiseLevel, condition: Any = None) -> Tensor:
        x = self.normalizer.inverse(self.base.posterior_mean(x_t, level, condition)) + self.offset
        return self.normalizer(self.threshold(x) - self.offset)


def thresholded(
    base: Denoiser, kind: str, share: float, normalizer: Normalizer, offset: Tensor | float = 0.0
) -> Denoiser:
    """``base`` kept in range as ``kind`` says; ``share`` of the numbers stay inside by dynamic
    thresholding."""
    if kind == "none":
        return base
    threshold = static_threshold if kind == "static" else partial(dynamic_threshold, share=share)
    return Thresholded(base, threshold, normalizer, offset)


def static_threshold(x: Tensor) -> Tensor:
    """x clipped to [-1, 1]."""
    return x.clamp(-1, 1)


def dynamic_threshold(x: Tensor, share: float) -> Tensor:
    """x clipped to [-s, s] and divided by s; s: the quantile of |x| that a ``share`` of an
    example's numbers stay below, at least 1."""
    s = x.flatten(1).abs().float().quantile(share, dim=1).clamp(min=1).to(x.dtype)
    s = s.reshape(-1, *(1,) * (x.ndim - 1))
    return x.clamp(-s, s) / s
