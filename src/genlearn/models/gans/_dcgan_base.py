"""Two players of strided convolutions, as Radford et al. 2015 (arXiv 1511.06434) set them up; for
tables, perceptrons."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from ...core.params import Range, inherited, param
from ...core.spec import DataSpec
from ...nets.coders.autoencoder_nets import HIDDEN, WIDTH, default_network
from ...nets.coders.mlp import decoder_stages, encoder_stages
from ...nets.gan.dcgan import discriminator_stages, generator_stages
from ...nets.layers.class_projection import ClassLogitSelector
from ...prob.gan_losses import GANLoss, NonSaturatingLoss
from ._gan import GANBase


@dataclass(kw_only=True, eq=False, repr=False)
class DCGANBase(GANBase):
    """A game of two networks that are lists of stages."""

    latent_dim: int | None = param(
        100,
        "numbers of noise that a sample is made from (none: 64, or as many as an example has)",
        low=1,
    )
    width: int | None = param(
        None, "channels of the networks at their widest grid (default: by size)", low=8
    )
    momentum: float = inherited(GANBase, "momentum", 0.5)
    lr: float = inherited(GANBase, "lr", 2e-3, search=Range(1e-4, 3e-3, log=True))
    clip: float | None = inherited(GANBase, "clip", None)

    @property
    def gan_loss(self) -> GANLoss:
        return NonSaturatingLoss()

    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        return nn.Sequential(*self.generator_stages(spec, code))

    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        return ClassLogitSelector(nn.Sequential(*self.discriminator_stages(spec, classes)))

    def generator_stages(self, spec: DataSpec, code: int) -> list[nn.Module]:
        """(B, ``code``) -> (B, *shape)."""
        if default_network(spec.shape) == "mlp":
            return decoder_stages(code, spec.shape, HIDDEN[self.size])
        return generator_stages(code, spec.shape, self.width or WIDTH[self.size])

    def discriminator_stages(self, spec: DataSpec, out: int) -> list[nn.Module]:
        """(B, *shape) -> (B, ``out``)."""
        if default_network(spec.shape) == "mlp":
            return encoder_stages(spec.shape, out, HIDDEN[self.size], "leaky_relu")
        return discriminator_stages(spec.shape, out, self.width or WIDTH[self.size])
