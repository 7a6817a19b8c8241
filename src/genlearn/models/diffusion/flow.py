r"""Flow matching: a velocity that carries noise to data along straight lines.

The schedule is x_t = (1 - t) x + t eps, whose velocity along the way is eps - x. The network learns
the expected velocity at each point and time,

    v(x_t, t) = E[eps - x | x_t],

and dx/dt = v carries the distribution of noise to that of data. Although each pair (x, eps) is
joined by a line, the expected lines bend where they would cross; pairing data and noise that lie
near each other (optimal transport within a batch) straightens them. Times are drawn from a
logit-normal law, since the middle of the way is the hardest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from ...core.errors import UserError
from ...core.params import param
from ...core.processes import from_all, noise_like, rows_of_batch
from ...core.spec import DataSpec
from ...prob.diffusion.predictions import Prediction, VelocityPrediction
from ...prob.diffusion.schedules import LinearSchedule, Schedule
from ...prob.diffusion.time_sampling import logit_normal, stratified_uniform
from ._diffusion import DiffusionModel


@dataclass(kw_only=True, eq=False, repr=False)
class Flow(DiffusionModel):
    r"""Flow matching: min E ||v(x_t, t) - (eps - x)||^2, x_t = (1 - t) x + t eps.

    Lipman et al. 2022, "Flow matching for generative modeling", arXiv 2210.02747; Liu, Gong & Liu
    2022, "Flow straight and fast", arXiv 2209.03003; Esser et al. 2024, arXiv 2403.03206
    (logit-normal times); Tong et al. 2023, arXiv 2302.00482 (coupling).

    x: data, of standard deviation ``sigma_data``; eps: N(0, I); t in (0, 1), logit t ~
    N(``time_mean``, ``time_std``^2), 0 data and 1 noise.
    """

    use: ClassVar[str] = "Begin here: samples, log p(x), codes, restoration, prompts."
    takes: ClassVar[str] = "a minute"

    time_mean: float = param(0.0, "mean of logit t: above 0 more noise, below more data")
    time_std: float = param(1.0, "standard deviation of logit t", low=1e-3)
    coupling: bool = param(False, "pair data and noise of a batch by optimal transport")

    @property
    def schedule(self) -> Schedule:
        return LinearSchedule()

    @property
    def prediction(self) -> Prediction:
        return VelocityPrediction()

    def training_times(self, n: int) -> Tensor:
        return logit_normal(stratified_uniform(n), self.time_mean, self.time_std)

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """E ||v - (eps - x)||^2 for each number, some of the classes or captions ``y`` withheld."""
        eps, t = self.paired_noise(x), self.training_times(len(x))
        return self.denoiser.loss(x, eps, t, self.dropped_condition(y), self.training_guidance)

    def check_data(self, spec: DataSpec) -> None:
        super().check_data(spec)
        if self.coupling and self.learns_classes(spec):
            raise UserError(
                "coupling was asked for, and classes; paired in a batch, the noise of a class is"
                " not N(0, I): take condition='none'"
            )

    def paired_noise(self, x: Tensor) -> Tensor:
        """N(0, I), in the order that lies nearest to ``x`` if coupled: min sum ||x_i - eps_i||^2
        over permutations."""
        eps = noise_like(x)
        if not self.coupling:
            return eps
        inside, every = from_all(self.normalizer(x)), from_all(eps)
        cost = torch.cdist(inside.flatten(1), every.flatten(1)).square()
        order = torch.from_numpy(linear_sum_assignment(cost.cpu().numpy())[1])
        return every[rows_of_batch(lambda _: order, len(x)).to(x.device)]
