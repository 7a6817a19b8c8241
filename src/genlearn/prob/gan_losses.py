r"""Games of two players: a discriminator that tells data from samples, and a generator that makes
it fail.

Both play for one *value* V(D, G): the discriminator raises it, the generator lowers it. D gives
*logits*, real numbers, the larger the more an example looks like data; with densities p of data and
q of samples,

    V = E_p log s(D(x)) + E_q log(1 - s(D(x))),    s(u) = 1 / (1 + e^-u),

is largest for s(D) = p / (p + q), where it is -log 4 + 2 JSD(p, q): the generator's part is then to
lower a divergence, and where p = q, D can do no better than 1/2, at V = -log 4 (Goodfellow et al.
2014, arXiv 1406.2661, theorem 1). Games differ in what D's answers are compared with, and in how
the generator follows V. All tensors are logits (B,); all losses are scalars, to be lowered.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

RealLogits = Callable[[], Tensor]


@dataclass(frozen=True)
class GANLoss(ABC):
    """V(D, G) from the logits of data (``real``) and of samples (``fake``)."""

    equilibrium: ClassVar[float]
    """V where samples cannot be told from data."""

    @abstractmethod
    def value(self, real: Tensor, fake: Tensor) -> Tensor:
        """V."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """The discriminator's loss, -V."""
        return -self.value(real, fake)

    @abstractmethod
    def generator(self, fake: Tensor, real: RealLogits) -> Tensor:
        """The generator's loss; ``real`` gives the logits of data to a game that asks for them."""

    def probability_real(self, logits: Tensor, others: Tensor) -> Tensor:
        """How sure the discriminator is that examples with ``logits`` (n,) are data, in [0, 1],
        beside the logits of ``others`` (m,)."""
        return torch.sigmoid(logits[:, None] - others).mean(1)

    def overfitting_heuristic(self, real: Tensor, fake: Tensor) -> Tensor:
        """How often data are taken for data, in [-1, 1]: 1 always, 0 half of the time."""
        return (2 * self.probability_real(real, fake) - 1).sign().mean()


@dataclass(frozen=True)
class MinimaxLoss(GANLoss):
    """E log s(D(x)) + E log(1 - s(D(G(z)))): Goodfellow et al. 2014, arXiv 1406.2661, equation 1.

    Where D is sure of its case, V hardly moves with G any more: the generator's gradient vanishes.
    """

    equilibrium: ClassVar[float] = -math.log(4)

    def value(self, real: Tensor, fake: Tensor) -> Tensor:
        return F.logsigmoid(real).mean() + F.logsigmoid(-fake).mean()

    def generator(self, fake: Tensor, real: RealLogits) -> Tensor:
        """The part of V that G has a say in."""
        return F.logsigmoid(-fake).mean()

    def probability_real(self, logits: Tensor, others: Tensor) -> Tensor:
        return torch.sigmoid(logits)


@dataclass(frozen=True)
class NonSaturatingLoss(MinimaxLoss):
    """The same for D; the generator raises E log s(D(G(z))): the same fixed point, and a gradient
    that does not vanish (ibid., section 3)."""

    def generator(self, fake: Tensor, real: RealLogits) -> Tensor:
        return -F.logsigmoid(fake).mean()


@dataclass(frozen=True)
class WassersteinLoss(GANLoss):
    """E D(x) - E D(G(z)): over D of slope at most 1 it is the earth mover's distance (Arjovsky et
    al. 2017, arXiv 1701.07875)."""

    equilibrium: ClassVar[float] = 0.0

    def value(self, real: Tensor, fake: Tensor) -> Tensor:
        return real.mean() - fake.mean()

    def generator(self, fake: Tensor, real: RealLogits) -> Tensor:
        """The part of V that G has a say in."""
        return -fake.mean()


@dataclass(frozen=True)
class RelativisticLoss(GANLoss):
    """E log s(D(x) - D(G(z))), each example beside a sample: Jolicoeur-Martineau 2018, arXiv
    1807.00734; Huang et al. 2025, arXiv 2501.05441.

    Every sample is measured against data, so that leaving a mode out is never a resting place.
    ``real`` and ``fake`` are of equal length.
    """

    equilibrium: ClassVar[float] = -math.log(2)

    def value(self, real: Tensor, fake: Tensor) -> Tensor:
        return F.logsigmoid(real - fake).mean()

    def generator(self, fake: Tensor, real: RealLogits) -> Tensor:
        """The game turned round, since V itself would vanish where D is sure."""
        return -F.logsigmoid(fake - real()).mean()
