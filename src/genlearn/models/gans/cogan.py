r"""Coupled GAN: the same thing in two domains, learned without ever seeing a pair.

Digits and their negatives, faces with and without glasses, photographs and drawings: of each domain
there are examples, and nobody has paired them. For each domain a GAN is trained, and the GANs share
weights: the stages of the generators in which the code is unfolded, and the stages of the
discriminators in which the image is summed up. One code then comes out as corresponding examples,
because the easiest way for shared stages to serve both domains is to keep what these have in
common. Sharing is all that couples them: with too few shared stages, pairs come apart.

Domains are the classes of the data, two or more: a folder for each, a column, or y. ``sample`` with
the same seed and another ``label`` draws the corresponding examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

import numpy as np
from torch import nn

from ...core.capabilities import DatasetProtocol
from ...core.errors import UserError
from ...core.panels import ImagePanel, Panel
from ...core.params import param
from ...core.spec import DataSpec, ImageSpec
from ...nets.coders.autoencoder_nets import HIDDEN, default_network
from ...nets.coders.conv_coder import widths
from ...nets.gan.coupled import CoupledDiscriminator, CoupledGenerator
from ._dcgan_base import DCGANBase

_SHOWN = 12


@dataclass(kw_only=True, eq=False, repr=False)
class CoGAN(DCGANBase):
    r"""CoGAN: the sum over domains i of E log D_i(x_i) + E log(1 - D_i(G_i(z))), where the G_i
    share their first stages and the D_i their last.

    Liu & Tuzel 2016, "Coupled generative adversarial networks", arXiv 1606.07536.

    x_i: data of domain i; z: N(0, I), ``latent_dim`` numbers, the same for all domains; D_i: in (0,
    1). Each G_i raises E log D_i(G_i(z)).
    """

    use: ClassVar[str] = "To learn what corresponds in two domains, without any pair."
    takes: ClassVar[str] = "10 minutes"

    condition: Literal["label", "none"] = param(
        "label", "a domain is learned from each class (none: there is one domain)"
    )
    unshared_stages: int = param(
        1, "stages of each network that are each domain's own; all others are shared", low=1
    )

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for data of fewer than two domains, and where no stage would be left to
        share."""
        if self.condition != "none" and len(spec.classes) < 2:
            raise UserError(
                f"the data has {len(spec.classes) or 'no'} classes, which are the domains, two or"
                " more; give a folder with a folder for each, or a column or y that tells them; or"
                " take condition='none' for one domain"
            )
        super().check_data(spec)
        most = len(
            HIDDEN[self.size] if default_network(spec.shape) == "mlp" else widths(spec.shape, 1)
        )
        if self.unshared_stages > most:
            raise UserError(
                f"unshared_stages={self.unshared_stages} would leave nothing to share; for data of"
                f" shape {spec.user_shape} take at most {most}"
            )

    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        domains = len(self.classes_in_)
        if not domains:
            return super().generator(spec, code)
        return CoupledGenerator(
            partial(self.generator_stages, spec, code - domains), domains, self.unshared_stages
        )

    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        return CoupledDiscriminator(
            partial(self.discriminator_stages, spec, 1), classes, self.unshared_stages
        )

    def panels(self, data: DatasetProtocol) -> list[Panel]:
        """The game, and for images what the same codes are in each domain."""
        if not self.classes_in_ or not isinstance(self.spec_, ImageSpec):
            return super().panels(data)
        values = np.concatenate(
            [
                self.sample(_SHOWN, seed=self.seed, label=label)
                for label in range(len(self.classes_in_))
            ]
        )
        meaning = (
            "The same noise in each domain; the model never saw which examples belong together."
        )
        return [
            ImagePanel(
                title="Pairs", meaning=meaning, values=values, columns=_SHOWN, rows=self.classes_in_
            ),
            *super().panels(data),
        ]
