r"""Progressive GAN: learn the coarse first, and grow.

A large image is hard to get right at once, and a discriminator tells bad ones by any detail. Both
players start on a few pixels; when those are learned, a finer grid is faded in, and so on: at each
time only the next octave of detail is new. Most steps are on small grids, so training is faster
too. The game is that of the earth mover's distance, with a penalty that holds the slope of D at 1
between data and samples; norms are replaced by scales that are applied where weights are used
(`nets.layers.equalized_lr`), and D is shown how diverse its batch is. The learning rate does not
fall, since the finest grid, which comes last, would get what is left of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast

from torch import Tensor, nn

from ...core.estimator_types import LRSchedule
from ...core.params import Range, inherited, param
from ...core.spec import DataSpec
from ...nets.coders.autoencoder_nets import HIDDEN, WIDTH, default_network
from ...nets.coders.mlp import MLPEncoder
from ...nets.gan.progressive import (
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    ProgressiveNetwork,
)
from ...nets.gan.tabular_generator import TabularGenerator
from ...nets.layers.class_projection import ClassLogitSelector
from ...prob.gan_losses import GANLoss, WassersteinLoss
from ...prob.gradient_penalties import Critic, wgan_gp_penalty
from ._gan import GANBase

# share of the steps for the finest grid; the others share the rest equally; by trials of 1,000
# steps on MNIST
_FINEST_SHARE = 0.7
# share of a grid's steps in which it is faded in; a half in Karras et al. 2017, whose trainings are
# far longer
_FADE_SHARE = 0.3


@dataclass(kw_only=True, eq=False, repr=False)
class ProGAN(GANBase):
    r"""Progressive GAN: D raises E D(x) - E D(G(z)) - lambda E (||grad D(x')|| - 1)^2 - drift E
    D(x)^2, G raises E D(G(z)).

    Karras, Aila, Laine & Lehtinen 2017, "Progressive growing of GANs for improved quality,
    stability, and variation", arXiv 1710.10196; Gulrajani, Ahmed, Arjovsky, Dumoulin & Courville
    2017, arXiv 1704.00028 (the penalty).

    x: data, on the grid that is being learned; z: N(0, I), ``latent_dim`` numbers; D: real; x':
    points between data and samples; lambda: ``gradient_penalty``; drift keeps D near 0. For tables
    both networks are perceptrons, and nothing grows.
    """

    use: ClassVar[str] = "Games for larger images: networks that grow from coarse to fine."
    takes: ClassVar[str] = "20 minutes"

    width: int | None = param(
        None, "channels of the networks at their widest grid (default: by size)", low=8
    )
    gradient_penalty: float | None = param(
        None,
        "weight of the penalty on slopes other than 1 (default: 10, for tables 1)",
        low=0,
        search=Range(0.1, 100.0, log=True),
    )
    drift: float = param(1e-3, "weight of the discriminator's answers for data, squared", low=0)
    momentum: float = inherited(GANBase, "momentum", 0.0)
    batch_size: int = inherited(GANBase, "batch_size", 32)
    lr: float = inherited(GANBase, "lr", 1e-2, search=Range(2e-3, 2e-2, log=True))
    lr_schedule: LRSchedule = inherited(GANBase, "lr_schedule", "constant")
    clip: float | None = inherited(GANBase, "clip", None)

    @property
    def gan_loss(self) -> GANLoss:
        return WassersteinLoss()

    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        if default_network(spec.shape) == "mlp":
            return TabularGenerator(code, spec.shape, HIDDEN[self.size])
        return ProgressiveGenerator(code, spec.shape, self._width)

    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        if default_network(spec.shape) == "mlp":
            return ClassLogitSelector(
                MLPEncoder(spec.shape, classes, HIDDEN[self.size], "leaky_relu")
            )
        return ClassLogitSelector(ProgressiveDiscriminator(spec.shape, classes, self._width))

    def on_step_start(self, progress: float) -> None:
        for network in self.networks_.modules():
            if isinstance(network, ProgressiveNetwork):
                network.grown.fill_(growth(progress, network.finest))

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        trunk = cast(ClassLogitSelector, self.networks_["discriminator"]).trunk
        yield from super().objectives(
            trunk.faded(x) if isinstance(trunk, ProgressiveDiscriminator) else x, y
        )

    def penalty(
        self, x: Tensor, real: Tensor, samples: Tensor, fake: Tensor, critic: Critic
    ) -> Tensor | float:
        """That on slopes, and the drift."""
        weight = (
            self.gradient_penalty
            if self.gradient_penalty is not None
            else 10.0
            if x.ndim == 4
            else 1.0
        )
        return wgan_gp_penalty(critic, x, samples, weight) + self.drift * real.square().mean()

    def decode_tensor(self, z: Tensor) -> Tensor:
        """Samples in fp32: rounded to bf16, what norms divide by differs by grey levels from batch
        to batch."""
        x: Tensor = self.networks_["generator"](z)
        return x

    @property
    def _width(self) -> int:
        return self.width or WIDTH[self.size]


def growth(progress: float, finest: int) -> float:
    """How far networks of the grids 0 to ``finest`` have grown after a share ``progress`` of the
    steps, resting at each grid: 0 to ``finest``."""
    if not finest:
        return 0.0
    span = (1 - _FINEST_SHARE) / finest
    level = min(finest, int(progress / span))
    through = (progress - level * span) / (_FINEST_SHARE if level == finest else span)
    return max(0.0, level - 1 + min(1.0, through / _FADE_SHARE)) if level else 0.0
