"""The straight path from data to noise, which a velocity leads back; what all models of flow matching share."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..core.hyper import hyper
from ..prob.paths import Linear, Path
from ..prob.targets import Target, Velocity
from ..prob.times import logit_normal
from ._diffusion import Diffusion


@dataclass(kw_only=True, eq=False, repr=False)
class Straight(Diffusion):
    """x_t = (1 - t) x + t eps, and the network is asked for eps - x."""

    time_mean: float = hyper(0.0, "mean of logit t: above 0 more noise, below more data")
    time_std: float = hyper(1.0, "standard deviation of logit t", low=1e-3)

    @property
    def path(self) -> Path:
        return Linear()

    @property
    def target(self) -> Target:
        return Velocity()

    def times(self, u: Tensor) -> Tensor:
        return logit_normal(u, self.time_mean, self.time_std)
