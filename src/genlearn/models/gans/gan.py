r"""The first GAN: two perceptrons, and a game in place of a likelihood.

G turns noise into samples, D guesses whether it is shown data or a sample. If both could be any
function, the game would be solved: against a fixed G, of density q, the best D is p / (p + q); with
that D, the value is -log 4 + 2 JSD(p, q), and G lowers it until q = p and D says 1/2 everywhere
(`prob.gan_losses`). Networks that take turns by gradient steps come close at best. It is the
beginning of the line that leads to `r3gan`, and shows why there had to be one: on a ring of
Gaussians it leaves out modes.

The networks are the paper's; the steps are Adam's (Radford, Metz & Chintala 2016, arXiv 1511.06434:
rate 2e-4, momentum 1/2), and the dropout is less. As the paper has it (``optimizer=sgd lr=0.1
dropout=0.5``, and no bound on the weights), the game on digits collapses within minutes: a lesson.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from ...core.params import Range, inherited, param
from ...core.spec import DataSpec
from ...nets.gan.maxout import MaxoutDiscriminator, RectifierGenerator
from ...nets.layers.class_projection import ClassLogitSelector
from ...prob.gan_losses import GANLoss, MinimaxLoss, NonSaturatingLoss
from ._gan import GANBase

_HIDDEN = {"tiny": 150, "small": 1200, "base": 2400, "large": 4800}  # 1200: the paper's


@dataclass(kw_only=True, eq=False, repr=False)
class GAN(GANBase):
    r"""GAN: min_G max_D E log D(x) + E log(1 - D(G(z))).

    Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville & Bengio 2014, "Generative
    adversarial nets", arXiv 1406.2661, algorithm 1.

    x: data; z: uniform in [-1, 1] or N(0, 1), ``latent_dim`` numbers; D: in (0, 1),
    ``discriminator_steps`` steps for one of G, each on its own part of the batch; G lowers the
    value (minimax), or raises E log D(G(z)), which does not saturate.
    """

    use: ClassVar[str] = "The game of 2014, to see how it works and how it collapses."
    takes: ClassVar[str] = "5 minutes"

    latent_dim: int | None = param(
        100,
        "numbers of noise that a sample is made from (none: 64, or as many as an example has)",
        low=1,
    )
    noise: Literal["uniform", "normal"] = param("uniform", "what the noise is drawn from")
    objective: Literal["minimax", "nonsaturating"] = param(
        "nonsaturating", "what the generator lowers: the value, or a loss that does not saturate"
    )
    hidden: int | None = param(
        None,
        "rectifiers in each of the generator's layers; a fifth as many maxout units (default: by"
        " size)",
        low=5,
    )
    dropout: float = param(
        0.3, "share of the discriminator's units that a step does without", low=0, high=0.9
    )
    batch_size: int = inherited(GANBase, "batch_size", 100)
    momentum: float = inherited(GANBase, "momentum", 0.5)
    lr: float = inherited(GANBase, "lr", 2e-4, search=Range(5e-5, 2e-3, log=True))
    warmup: float = inherited(GANBase, "warmup", 0.0)
    clip: float | None = inherited(GANBase, "clip", None)

    @property
    def gan_loss(self) -> GANLoss:
        return MinimaxLoss() if self.objective == "minimax" else NonSaturatingLoss()

    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        return RectifierGenerator(code, spec.shape, self._hidden)

    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        maxout = MaxoutDiscriminator(spec.shape, classes, self._hidden, self.dropout)
        return ClassLogitSelector(maxout)

    def prior(self, eps: Tensor) -> Tensor:
        """z from ``eps``, N(0, I): as it is, or by its distribution function."""
        return eps if self.noise == "normal" else torch.erf(eps / math.sqrt(2))

    @property
    def _hidden(self) -> int:
        return self.hidden or _HIDDEN[self.size]
