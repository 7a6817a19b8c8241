r"""EDM: diffusion with every choice made on its own -- schedule, scaling of the network, noise
levels to train at, steps to sample with.

Noise is added and nothing else, x_sigma = x + sigma eps. What the network sees and what it is asked
for are scaled so that both have variance 1 at every level:

    D(x_sigma; sigma) = c_skip x_sigma + c_out F(c_in x_sigma, sigma).

For little noise F predicts the noise, for much noise the data. Levels are trained at by a
log-normal law around those where something can be learned: with little noise nothing is left to be
found out, with much only the mean. Samples take Heun's method on levels that get denser towards the
data.

The standard deviation of the data is measured, and the data scaled to that of the paper's images,
0.5, for which its levels are meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ...core.errors import UserError
from ...core.params import inherited, param
from ...core.processes import noise_like
from ...core.spec import DataSpec
from ...prob.diffusion.predictions import EDMPreconditioning, Prediction
from ...prob.diffusion.schedules import Schedule, VarianceExploding
from ...prob.diffusion.time_sampling import log_normal, stratified_uniform
from ._diffusion import DiffusionModel


@dataclass(kw_only=True, eq=False, repr=False)
class EDM(DiffusionModel):
    r"""EDM: min E lambda(sigma) ||D(x + sigma eps; sigma) - x||^2, lambda such that every level
    weighs the same at first.

    Karras, Aittala, Aila & Laine 2022, "Elucidating the design space of diffusion-based generative
    models", arXiv 2206.00364.

    x: data; eps: N(0, I); sigma: ln sigma ~ N(``level_mean``, ``level_std``^2); from ``sigma_min``
    to ``sigma_max`` when sampling, even in sigma^(1/``rho``).
    """

    use: ClassVar[str] = "Diffusion with every choice made by itself: samples, log p(x)."
    takes: ClassVar[str] = "5 minutes"

    level_mean: float = param(-1.2, "mean of ln sigma in training")
    level_std: float = param(1.2, "standard deviation of ln sigma in training", low=1e-3)
    sampler: str = inherited(DiffusionModel, "sampler", "heun")
    sigma_min: float = param(0.002, "least noise when sampling", low=1e-6)
    sigma_max: float = param(80.0, "most noise when sampling", low=1e-3)
    rho: float = param(7.0, "how much denser the steps get towards the data", low=1)

    @property
    def schedule(self) -> Schedule:
        return VarianceExploding(self.sigma_min, self.sigma_max, self.rho)

    @property
    def prediction(self) -> Prediction:
        return EDMPreconditioning(self.sigma_data_)

    def training_times(self, n: int) -> Tensor:
        return self.schedule.time(
            log_normal(stratified_uniform(n), self.level_mean, self.level_std)
        )

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """E lambda ||D - x||^2 for each number, which is the squared error of F; some of the
        classes or captions ``y`` withheld."""
        eps, t = noise_like(x), self.training_times(len(x))
        return self.denoiser.loss(x, eps, t, self.dropped_condition(y), self.training_guidance)

    def check_data(self, spec: DataSpec) -> None:
        super().check_data(spec)
        if self.sigma_max <= self.sigma_min:
            raise UserError(
                f"sigma_min={self.sigma_min} and sigma_max={self.sigma_max} were given; the least"
                " noise lies below the most"
            )
