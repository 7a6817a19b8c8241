r"""DCGAN: the game of 2014, played by convolutional networks.

What made it work on images was no new objective but an architecture: strided convolutions in place of pooling, batch norm in both networks (except
where samples come out and examples come in), rectifiers in G and leaky ones in D, and Adam with little momentum. Batch norm sees each batch of data
and each batch of samples by itself; for single samples it goes by averages, which are measured afresh for the averaged weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from ..core.hyper import Between, hyper
from ..core.spec import DataSpec
from ..nets.answers import Answers
from ..nets.coders import HIDDEN, WIDTH, default_network
from ..nets.dcgan import discriminator_stages, generator_stages
from ..nets.mlp import MLPDecoder, MLPEncoder
from ..prob.games import Game, NonSaturating
from ._adversarial import TwoPlayer


@dataclass(kw_only=True, eq=False, repr=False)
class DCGAN(TwoPlayer):
    r"""DCGAN: D raises E log D(x) + E log(1 - D(G(z))), G raises E log D(G(z)).

    Radford, Metz & Chintala 2015, "Unsupervised representation learning with deep convolutional generative adversarial networks", arXiv 1511.06434.

    x: data; z: N(0, I), ``latent_dim`` numbers; D: in (0, 1). For tables both networks are perceptrons.
    """

    latent_dim: int | None = hyper(100, "numbers of noise that a sample is made from (none: 64, or as many as an example has)", low=1)
    width: int | None = hyper(None, "channels of the networks at their widest grid (default: by size)", low=8)
    momentum: float = hyper(0.5, "decay of the mean gradient: beta1 of adamw, momentum of sgd", low=0, high=0.9999)
    lr: float = hyper(2e-3, "learning rate at its highest", low=1e-9, search=Between(1e-4, 3e-3, log=True))
    clip: float | None = hyper(None, "largest norm of the gradient", low=1e-9)

    @property
    def game(self) -> Game:
        return NonSaturating()

    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        if default_network(spec.shape) == "mlp":
            return MLPDecoder(code, spec.shape, HIDDEN[self.size])
        return nn.Sequential(*generator_stages(code, spec.shape, self.width or WIDTH[self.size]))

    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        if default_network(spec.shape) == "mlp":
            return Answers(MLPEncoder(spec.shape, classes, HIDDEN[self.size], "leaky_relu"))
        return Answers(nn.Sequential(*discriminator_stages(spec.shape, classes, self.width or WIDTH[self.size])))
