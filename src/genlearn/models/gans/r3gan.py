r"""A modern GAN: a game with a resting place, played by plain residual networks.

The games of the first decade had no fixed point that play would reach, and were kept alive by
tricks. Two changes make them unnecessary. Each sample is compared with data, one against one, so
that leaving modes out never pays (`prob.gan_losses.RelativisticLoss`). And the slope of the
discriminator is held small both at the data (R1) and at the samples (R2), so that play converges
near the solution; either alone is not enough. Then norms, minibatch statistics and the other tricks
can go (`nets.gan.norm_free_resnet`).

The penalty decides: too small, and the discriminator wins; it starts large and falls. As it changes
slowly, it is computed only at every few steps, with a larger weight (Karras et al. 2019, arXiv
1912.04958, section 3.1).

The discriminator must be without batch norm, since each example's slope is penalised; for the
generator nothing follows from theory. On small images and in minutes, one with batch norm learns
several times as fast as one without, and is the default here; the published design is a choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor, nn

from ...core.errors import UserError
from ...core.params import Range, inherited, param
from ...core.spec import DataSpec
from ...nets.coders.autoencoder_nets import BLOCKS, WIDTH, default_network
from ...nets.coders.mlp import MLPEncoder
from ...nets.gan.dcgan import generator_stages
from ...nets.gan.norm_free_resnet import NormFreeDiscriminator, NormFreeGenerator
from ...nets.gan.tabular_generator import TabularGenerator
from ...nets.layers.class_projection import ClassLogitSelector
from ...prob.gan_losses import GANLoss, RelativisticLoss
from ...prob.gradient_penalties import Critic, r1_penalty
from ._gan import GANBase

# of perceptrons, for which depth counts
_HIDDEN = {"tiny": (64,) * 3, "small": (128,) * 3, "base": (256,) * 3, "large": (512,) * 3}
_GAMMA = (0.0125, 0.00125)  # for tables, for images


@dataclass(kw_only=True, eq=False, repr=False)
class R3GAN(GANBase):
    r"""R3GAN: min_G max_D E log s(D(x) - D(G(z))) - gamma/2 E ||grad D(x)||^2 - gamma/2 E ||grad
    D(G(z))||^2.

    Huang, Gokaslan, Kuleshov & Tompkin 2025, "The GAN is dead; long live the GAN! A modern GAN
    baseline", arXiv 2501.05441.

    x: data, of D numbers; z: N(0, I), ``latent_dim`` numbers; s: the logistic function; gamma / D
    falls from ``gamma`` to ``gamma_end_factor`` times it by a cosine.
    """

    use: ClassVar[str] = "The game that settles: sharp samples, thousands a second."
    takes: ClassVar[str] = "5 minutes"

    network: Literal["auto", "conv", "plain", "grouped", "mlp"] = param(
        "auto",
        "kind of networks (auto: conv for images, mlp for tables; conv: batch norm in the generator"
        " only; plain: none; grouped: as published)",
    )
    hidden: tuple[int, ...] | None = param(
        None, "widths of the mlp's hidden layers (default: by size)", low=1
    )
    width: int | None = param(
        None, "channels of the networks at their widest grid (default: by size)", low=8
    )
    gamma: float | None = param(
        None,
        "weight of the penalty on the discriminator's slope, at first, for each number in an"
        " example (default: 0.00125, for tables 0.0125)",
        low=0,
        search=Range(1e-4, 0.1, log=True),
    )
    gamma_end_factor: float = param(0.1, "what is left of that weight in the end", low=0, high=1)
    penalty_interval: int = param(4, "steps of which one has the penalty", low=1)
    batch_size: int = inherited(GANBase, "batch_size", 64)
    momentum: float = inherited(GANBase, "momentum", 0.5)
    lr: float = inherited(GANBase, "lr", 4e-3, search=Range(1e-3, 1e-2, log=True))

    @property
    def gan_loss(self) -> GANLoss:
        return RelativisticLoss()

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for a network that does not suit, and for classes that are not
        there."""
        super().check_data(spec)
        if self.network not in ("auto", "mlp") and default_network(spec.shape) == "mlp":
            raise UserError(
                f"network={self.network!r} needs images of at least 4x4; examples here have shape"
                f" {spec.user_shape}; take mlp"
            )

    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        if self._is_mlp(spec):
            return TabularGenerator(code, spec.shape, self.hidden or _HIDDEN[self.size])
        if self.network in ("auto", "conv"):
            return nn.Sequential(*generator_stages(code, spec.shape, self._network_sizes[0]))
        return NormFreeGenerator(code, spec.shape, *self._network_sizes)

    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        if self._is_mlp(spec):
            return ClassLogitSelector(
                MLPEncoder(spec.shape, classes, self.hidden or _HIDDEN[self.size], "leaky_relu")
            )
        return ClassLogitSelector(NormFreeDiscriminator(spec.shape, classes, *self._network_sizes))

    def on_step_start(self, progress: float) -> None:
        gamma = self.gamma if self.gamma is not None else _GAMMA[len(self.spec_.shape) == 3]
        left = (
            self.gamma_end_factor
            + (1 - self.gamma_end_factor) * (1 + math.cos(math.pi * progress)) / 2
        )
        self.gamma_ = gamma * left * self.spec_.dim

    def penalty(
        self, x: Tensor, real: Tensor, samples: Tensor, fake: Tensor, critic: Critic
    ) -> Tensor | float:
        """R1 + R2, at one step of ``penalty_interval``."""
        if self._step_index % self.penalty_interval:
            return 0.0
        return r1_penalty(real, x, self.penalty_interval * self.gamma_) + r1_penalty(
            fake, samples, self.penalty_interval * self.gamma_
        )

    def _is_mlp(self, spec: DataSpec) -> bool:
        return self.network == "mlp" or default_network(spec.shape) == "mlp"

    @property
    def _network_sizes(self) -> tuple[int, int, bool]:
        return self.width or WIDTH[self.size], max(1, BLOCKS[self.size]), self.network == "grouped"
