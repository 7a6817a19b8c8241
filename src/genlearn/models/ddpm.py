r"""Denoising diffusion probabilistic models: a Markov chain to noise, and another one back.

A thousand small steps of noise, x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps, turn any data into N(0, I); jumps are closed, x_t = sqrt(abar_t) x
+ sqrt(1 - abar_t) eps. Each step back is nearly Gaussian, and its mean follows from the noise that was added, which the network learns to name. The
bound of log p(x) that this comes from weighs the levels; the paper found that leaving the weights out makes better images.

Where x_t is nearly all noise, so is its guess. The little that remains holds all that is known of x, and errors of it count sigma / alpha times, up
to 157. Therefore the network is asked for the remainder alone: eps_theta is what a Gaussian of the data's spread would answer, plus a multiple of the
network's output (Karras et al. 2022, arXiv 2206.00364, section 5). The objective stays the same; short trainings get further.

The chain back is *ancestral* sampling; *DDIM* takes the same network through fewer steps, without fresh noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from ..core.hyper import hyper
from ..core.spec import DataSpec
from ..prob.paths import Cosine, Path, VariancePreserving
from ..prob.targets import Preconditioned, Target
from ._ways import DiffusionModel

_FIRST = 1e-3  # time after the first of a thousand steps


@dataclass(kw_only=True, eq=False, repr=False)
class DDPM(DiffusionModel):
    r"""Denoising diffusion: min E ||eps_theta(sqrt(abar_t) x + sqrt(1 - abar_t) eps, t) - eps||^2.

    Ho, Jain & Abbeel 2020, "Denoising diffusion probabilistic models", arXiv 2006.11239; Song, Meng & Ermon 2020, "Denoising diffusion implicit
    models", arXiv 2010.02502; Nichol & Dhariwal 2021, arXiv 2102.09672 (cosine).

    x: data, of standard deviation ``spread``; eps: N(0, I); t uniform; abar_t = prod (1 - beta_s), beta from 1e-4 to 0.02 in 1,000 steps, or a
    squared cosine.
    """

    betas: Literal["linear", "cosine"] = hyper("linear", "how the noise grows: abar by beta linear in t, or a squared cosine")
    sampler: Literal["ancestral", "ddim", "euler", "heun", "dpm++2m"] = hyper("ddim", "how to step from noise to data")
    sampling_steps: int = hyper(50, "steps of the sampler", low=1)

    def settle(self, spec: DataSpec) -> None:
        super().settle(spec)
        self.betas_ = self.betas

    @property
    def path(self) -> Path:
        return VariancePreserving() if self.betas_ == "linear" else Cosine()

    @property
    def target(self) -> Target:
        """What the best linear guess of the noise leaves to say."""
        return Preconditioned(self.spread_)

    def weight(self, alpha: Tensor, sigma: Tensor) -> Tensor | float:
        """Errors of the target count as the errors of the noise that they mean."""
        return self.target.noise_gain(alpha, sigma) ** 2

    @property
    def finest_(self) -> float:
        """The ratio that the ODE ends at: no less than after the first step, below which nothing is trained."""
        return max(super().finest_, self.path.level(_FIRST).ratio)

    def times(self, u: Tensor) -> Tensor:
        return u.clamp(_FIRST, 1)
