r"""log p(x) of data in its own units, by the probability flow of a denoiser.

Continuous data has the density of the flow, and the Jacobian of the units. **Discrete data** has no
density but probabilities. A little noise, that of the flow's first level, is added, and the last
step back is a decoder (Zheng et al. 2023, arXiv 2305.03935, "truncated-normal dequantisation"; Ho
et al. 2020, section 3.3):

    log P(x) >= E_q [log p_0(x_0) - log q(x_0|x) + log P(x|D(x_0))],
    q(x_0|x) = N(alpha x, sigma^2 I),

P(x|D) a logistic distribution around D of a width measured for each number of x, integrated over
the level's cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ..observation_models import Logistic
from .denoiser import Normalizer
from .probability_flow import Divergence, ProbabilityFlow, exact_divergence, hutchinson


@dataclass(frozen=True, eq=False)
class DiffusionLikelihood:
    """log p(x) by ``flow``, for data in the units outside ``normalizer``.

    ``bin_width``: of a level of discrete data; ``width``: the standard deviation of x from D,
    (*shape); ``noise``: standard normals like x, by what they are for and a number; ``probes``: of
    the divergence, None for the exact one.
    """

    flow: ProbabilityFlow
    normalizer: Normalizer
    bin_width: float | None
    width: Tensor
    noise: Callable[[str, int, Tensor], Tensor]
    probes: int | None

    def log_density(self, x: Tensor) -> Tensor:
        """log p(x), (B,), of continuous data."""
        inside, jacobian = self.normalizer(x), x[0].numel() * float(self.normalizer.scale.log())
        divergence = self._divergence(self.flow.levels[0].alpha * inside)
        return self.flow.log_prob(inside, divergence) - jacobian

    def log_probability(self, x: Tensor, draw: int) -> Tensor:
        """A bound of log P(x), (B,), of discrete data, with noise number ``draw``."""
        eps, inside = self.noise("score", draw, x), self.normalizer(x)
        # of a logistic distribution of this deviation
        log_scale = (self.width * (math.sqrt(3) / math.pi)).clamp(min=1e-6).log()
        decoder = Logistic(self.expected(x, eps), log_scale, self.bin_width)
        divergence = self._divergence(self.flow.noised(inside, eps))
        bound = self.flow.log_prob_bound(inside, eps, divergence)
        return bound + decoder.log_prob(x, event=x.ndim - 1)

    def expected(self, x: Tensor, eps: Tensor) -> Tensor:
        """D of ``x`` under noise ``eps`` of the first level, like ``x``."""
        return self.normalizer.inverse(
            self.flow.expected(self.flow.noised(self.normalizer(x), eps))
        )

    def _divergence(self, x: Tensor) -> Divergence:
        """Exact, or by random signs (probes, *x.shape), which the examples ``x`` name."""
        if self.probes is None:
            return exact_divergence
        signs = torch.stack([self.noise("probe", k, x).sign() for k in range(self.probes)])
        return partial(hutchinson, probes=signs)
