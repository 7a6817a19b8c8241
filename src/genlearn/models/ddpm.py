r"""Denoising diffusion probabilistic models: a Markov chain to noise, and another one back.

A thousand small steps of noise, x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps, turn any data into N(0, I); jumps are closed, x_t = sqrt(abar_t) x
+ sqrt(1 - abar_t) eps. Each step back is nearly Gaussian, and its mean follows from the noise that was added, which the network learns to name. The
bound of log p(x) that this comes from weighs the levels; the paper found that leaving the weights out makes better images.

The chain back is *ancestral* sampling; *DDIM* takes the same network through fewer steps, without fresh noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from ..core.hyper import hyper
from ..core.spec import DataSpec
from ..prob.paths import Cosine, Path, VariancePreserving
from ..prob.targets import Noise, Target, VPVelocity
from ._ways import DiffusionModel


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
        """The noise; where the path ends in noise alone, no x follows from it any more, and a velocity takes its place (Salimans & Ho 2022)."""
        return Noise() if self.betas_ == "linear" else VPVelocity()

    def times(self, u: Tensor) -> Tensor:
        return u.clamp(1e-3, 1)
