r"""Denoising diffusion probabilistic models: a Markov chain to noise, and another one back.

A thousand small steps of noise, x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps, turn any data
into N(0, I); jumps are closed, x_t = sqrt(abar_t) x + sqrt(1 - abar_t) eps. Each step back is
nearly Gaussian, and its mean follows from the noise that was added, which the network learns to
name. The bound of log p(x) that this comes from weighs the levels; the paper found that leaving the
weights out makes better images.

Where x_t is nearly all noise, so is its guess. The little that remains holds all that is known of
x, and errors of it count sigma / alpha times, up to 157. Therefore the network is asked for the
remainder alone: eps_theta is what a Gaussian of the data's spread would answer, plus a multiple of
the network's output (Karras et al. 2022, arXiv 2206.00364, section 5). The objective stays the
same; short trainings get further.

The chain back is *ancestral* sampling; *DDIM* takes the same network through fewer steps, without
fresh noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor

from ...core.params import inherited, param
from ...core.processes import noise_like
from ...core.spec import DataSpec
from ...prob.diffusion.predictions import EDMPreconditioning, Prediction, Scale, VPrediction
from ...prob.diffusion.schedules import CosineSchedule, NoiseLevel, Schedule, VariancePreserving
from ...prob.diffusion.time_sampling import stratified_uniform
from ._diffusion import DiffusionModel

_FIRST = 1e-3  # time after the first of a thousand steps


@dataclass(kw_only=True, eq=False, repr=False)
class DDPM(DiffusionModel):
    r"""Denoising diffusion: min E ||eps_theta(sqrt(abar_t) x + sqrt(1 - abar_t) eps, t) - eps||^2.

    Ho, Jain & Abbeel 2020, "Denoising diffusion probabilistic models", arXiv 2006.11239; Song, Meng
    & Ermon 2020, "Denoising diffusion implicit models", arXiv 2010.02502; Nichol & Dhariwal 2021,
    arXiv 2102.09672 (cosine).

    x: data, of standard deviation ``sigma_data``; eps: N(0, I); t uniform; abar_t = prod (1 -
    beta_s), beta from 1e-4 to 0.02 in 1,000 steps, or a squared cosine.
    """

    use: ClassVar[str] = "The diffusion model of 2020, to compare with; flow learns faster."
    takes: ClassVar[str] = "5 minutes"

    betas: Literal["linear", "cosine"] = param(
        "linear", "how the noise grows: abar by beta linear in t, or a squared cosine"
    )
    sampler: str = inherited(DiffusionModel, "sampler", "ddim")
    sampling_steps: int = inherited(DiffusionModel, "sampling_steps", 50)

    @property
    def schedule(self) -> Schedule:
        return VariancePreserving() if self.betas_ == "linear" else CosineSchedule()

    @property
    def prediction(self) -> Prediction:
        """What the best linear guess of the noise leaves to say; of a foreign network, v."""
        return VPrediction() if self.foreign_ else EDMPreconditioning(self.sigma_data_)

    def training_times(self, n: int) -> Tensor:
        return stratified_uniform(n).clamp(_FIRST, 1)

    def weight(self, level: NoiseLevel) -> Scale:
        """Errors of the prediction count as the errors of the noise that they mean."""
        return self.prediction.noise_gain(level) ** 2

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """E ||eps_theta - eps||^2 for each number, some of the classes or captions ``y``
        withheld."""
        eps, t = noise_like(x), self.training_times(len(x))
        return self.denoiser.loss(x, eps, t, self.dropped_condition(y), self.training_guidance)

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        super().resolve_hyperparameters(spec)
        self.betas_ = self.betas

    @property
    def min_noise_ratio_(self) -> float:
        """The ratio that the ODE ends at: no less than after the first step, below which nothing is
        trained."""
        return max(super().min_noise_ratio_, self.schedule.level(_FIRST).ratio)
