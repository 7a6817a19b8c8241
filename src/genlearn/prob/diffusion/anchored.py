r"""Learning what a closed form leaves over.

The data's best Gaussian mixture has a denoiser D_0 that is exact and costs a few matrix products. A
network that is asked for the rest,

    D(x_t) = D_0(x_t) + e(t) F(x_t, D_0(x_t), t),

F being zero at first and e the error of D_0, is as good as the mixture before its first step, and
the objective stays that of the prediction: an error of D counts as the error of the prediction that
it means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from .denoiser import LOG_RATIO, LearnedDenoiser
from .schedules import NoiseLevel, expand_like


class Anchor(Protocol):
    """D_0 and e, of tensors (B, ...)."""

    def __call__(
        self, x_t: Tensor, alpha: Tensor, sigma: Tensor, y: Tensor | None = None
    ) -> Tensor: ...
    def error_at(self, log_ratio: Tensor) -> Tensor: ...


@dataclass(frozen=True, eq=False)
class AnchoredDenoiser(LearnedDenoiser):
    """D = D_0 + e(t) F(x_t, D_0(x_t), t); ``anchor`` is D_0. ``network`` takes the two inputs as
    channels of one."""

    anchor: Anchor

    def error(self, x: Tensor, noise: Tensor, level: NoiseLevel, condition: Any) -> Tensor:
        guess = self.posterior_mean(level.noised(x, noise), level, condition)
        return self.prediction.output_gain(level) * (guess - x)

    def posterior_mean(self, x_t: Tensor, level: NoiseLevel, condition: Any = None) -> Tensor:
        alpha, sigma = level.per_example(x_t)
        y = condition if isinstance(condition, Tensor) else None
        base = self.anchor(x_t, alpha, sigma, y)
        log_ratio = sigma.log() - alpha.log()
        inputs = torch.cat([self.prediction.input_scale(level) * x_t, base], 1)
        out = self.network(inputs, log_ratio.clamp(*LOG_RATIO), condition)
        out = out[:, : x_t.shape[1]].to(x_t.dtype)
        return base + expand_like(self.anchor.error_at(log_ratio), x_t) * out
