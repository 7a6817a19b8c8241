r"""Flow matching: a velocity that carries noise to data along straight lines.

The path is x_t = (1 - t) x + t eps, whose velocity along the way is eps - x. The network learns the expected velocity at each point and time,

    v(x_t, t) = E[eps - x | x_t],

and dx/dt = v carries the distribution of noise to that of data. Although each pair (x, eps) is joined by a line, the expected lines bend where they
would cross; pairing data and noise that lie near each other (optimal transport within a batch) straightens them. Times are drawn from a logit-normal
law, since the middle of the way is the hardest.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from ..core.errors import UserError
from ..core.hyper import hyper
from ..core.spec import DataSpec
from ._straight import Straight
from ._ways import DiffusionModel


@dataclass(kw_only=True, eq=False, repr=False)
class Flow(Straight, DiffusionModel):
    r"""Flow matching: min E ||v(x_t, t) - (eps - x)||^2, x_t = (1 - t) x + t eps.

    Lipman et al. 2022, "Flow matching for generative modeling", arXiv 2210.02747; Liu, Gong & Liu 2022, "Flow straight and fast", arXiv 2209.03003;
    Esser et al. 2024, arXiv 2403.03206 (logit-normal times); Tong et al. 2023, arXiv 2302.00482 (coupling).

    x: data, of standard deviation ``spread``; eps: N(0, I); t in (0, 1), logit t ~ N(``time_mean``, ``time_std``^2), 0 data and 1 noise.
    """

    coupling: bool = hyper(False, "pair data and noise of a batch by optimal transport")

    def check_data(self, spec: DataSpec) -> None:
        super().check_data(spec)
        if self.coupling and self.learns_classes(spec):
            raise UserError("coupling was asked for, and classes; paired in a batch, the noise of a class is not N(0, I): take condition='none'")

    def noise(self, x: Tensor) -> Tensor:
        """N(0, I), in the order that lies nearest to ``x`` if coupled: min sum ||x_i - eps_i||^2 over permutations."""
        eps = super().noise(x)
        if not self.coupling:
            return eps
        order = linear_sum_assignment(torch.cdist(x.flatten(1), eps.flatten(1)).square().cpu().numpy())[1]
        return eps[torch.from_numpy(order).to(x.device)]
