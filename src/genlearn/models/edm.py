r"""EDM: diffusion with every choice made on its own -- path, scaling of the network, noise levels to train at, steps to sample with.

Noise is added and nothing else, x_sigma = x + sigma eps. What the network sees and what it is asked for are scaled so that both have variance 1 at
every level:

    D(x_sigma; sigma) = c_skip x_sigma + c_out F(c_in x_sigma, sigma).

For little noise F predicts the noise, for much noise the data. Levels are trained at by a log-normal law around those where something can be learned:
with little noise nothing is left to be found out, with much only the mean. Samples take Heun's method on levels that get denser towards the data.

The standard deviation of the data is measured, and the data scaled to that of the paper's images, 0.5, for which its levels are meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..core.errors import UserError
from ..core.hyper import hyper
from ..core.spec import DataSpec
from ..prob.paths import Path, VarianceExploding
from ..prob.targets import Preconditioned, Target
from ..prob.times import log_normal
from ._ways import DiffusionModel


@dataclass(kw_only=True, eq=False, repr=False)
class EDM(DiffusionModel):
    r"""EDM: min E lambda(sigma) ||D(x + sigma eps; sigma) - x||^2, lambda such that every level weighs the same at first.

    Karras, Aittala, Aila & Laine 2022, "Elucidating the design space of diffusion-based generative models", arXiv 2206.00364.

    x: data; eps: N(0, I); sigma: ln sigma ~ N(``level_mean``, ``level_std``^2); from ``sigma_min`` to
    ``sigma_max`` when sampling, even in sigma^(1/``rho``).
    """

    level_mean: float = hyper(-1.2, "mean of ln sigma in training")
    level_std: float = hyper(1.2, "standard deviation of ln sigma in training", low=1e-3)
    sigma_min: float = hyper(0.002, "least noise when sampling", low=1e-6)
    sigma_max: float = hyper(80.0, "most noise when sampling", low=1e-3)
    rho: float = hyper(7.0, "how much denser the steps get towards the data", low=1)

    def check_data(self, spec: DataSpec) -> None:
        super().check_data(spec)
        if self.sigma_max <= self.sigma_min:
            raise UserError(f"sigma_min={self.sigma_min} and sigma_max={self.sigma_max} were given; the least noise lies below the most")

    @property
    def path(self) -> Path:
        return VarianceExploding(self.sigma_min, self.sigma_max, self.rho)

    @property
    def target(self) -> Target:
        return Preconditioned(self.spread_)

    def times(self, u: Tensor) -> Tensor:
        return self.path.time(log_normal(u, self.level_mean, self.level_std))
