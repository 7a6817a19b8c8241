r"""DCGAN: the game of 2014, played by convolutional networks.

What made it work on images was no new objective but an architecture: strided convolutions in place
of pooling, batch norm in both networks (except where samples come out and examples come in),
rectifiers in G and leaky ones in D, and Adam with little momentum. Batch norm sees each batch of
data and each batch of samples by itself; for single samples it goes by averages, which are measured
afresh for the averaged weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ._dcgan_base import DCGANBase


@dataclass(kw_only=True, eq=False, repr=False)
class DCGAN(DCGANBase):
    r"""DCGAN: D raises E log D(x) + E log(1 - D(G(z))), G raises E log D(G(z)).

    Radford, Metz & Chintala 2015, "Unsupervised representation learning with deep convolutional
    generative adversarial networks", arXiv 1511.06434.

    x: data; z: N(0, I), ``latent_dim`` numbers; D: in (0, 1). For tables both networks are
    perceptrons.
    """

    use: ClassVar[str] = "The classic game of convolutions; for most uses r3gan is safer."
    takes: ClassVar[str] = "10 minutes"
