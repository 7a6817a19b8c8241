r"""Autoencoders: learn to copy through a narrow place.

An encoder z = f(x) and a decoder x^ = g(z) are trained to make ||g(f(x)) - x||^2 small. If z is
smaller than x (undercomplete), copying is impossible and the code must keep what the examples
share. If z is larger (overcomplete), copying is possible and nothing need be learned.

**Linear.** With f and g linear, the best they can do is to project on the span of the k leading
principal components, and the loss that is left is the sum of the discarded eigenvalues of the
covariance (Baldi & Hornik 1989). Only that subspace is determined: any invertible A gives the same
loss with g A and A^-1 f, so the latents are neither orthogonal nor ordered, as those of PCA are.

**Denoising.** If the input is corrupted, x~ ~ C(x~|x), and the output is compared with the clean x,
copying is wrong even where it is possible (Vincent et al. 2008). For Gaussian noise of standard
deviation s the best answer is Tweedie's formula (Vincent 2011; Alain & Bengio 2014, arXiv
1211.4246),

    r(x~) = E[x|x~] = x~ + s^2 grad log p_s(x~)

so that to remove noise is to know the score of the noisy density.

**Sampling.** Nothing in this loss asks codes to lie in any particular place, so the latent space
has no structure: between codes there are holes, and a code drawn from N(0, I) may decode to nothing
like the data. A density fitted to the codes afterwards helps (Ghosh et al. 2019, arXiv 1903.12436);
a variational autoencoder makes it part of the objective.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol, Denoises
from ...core.errors import UserError
from ...core.panels import ImagePanel, Panel
from ...core.params import param
from ...core.seeding import normal, random_rows, seed_for, seeded, uniform
from ...core.spec import DataSpec, ImageSpec
from ...nets.density.gaussian_mixture import GaussianMixture
from ...prob.corruption import CORRUPTIONS, Corruption
from ..base import evaluating
from ._autoencoding import ANCHORED, AutoencoderBase

_DENSITY_CODES = 4096  # codes that the latent density is fitted to
_PANEL_EXAMPLES = 12  # examples of a panel, each at the strengths
_PANEL_LEVELS = (0.0, 0.5, 1.0, 1.5)  # as parts of `corruption_level`


@dataclass(kw_only=True, eq=False, repr=False)
class Autoencoder(AutoencoderBase, Denoises):
    r"""Autoencoder: min E ||g(f(C(x))) - x||^2.

    Vincent, Larochelle, Bengio & Manzagol 2008, "Extracting and composing robust features with
    denoising autoencoders"; Baldi & Hornik 1989, "Neural networks and principal component analysis"
    for the linear one.

    x: (C, H, W) in [-1, 1] or (D,) standardised. z = f(x): ``latent_dim`` real numbers. C: the
    corruption, identity by default; ``corruption_level`` is the standard deviation of the noise
    (inside, where the range of an image is 2) or the share of erased numbers.
    """

    use: ClassVar[str] = "To compress, clean and embed; its codes are not made to sample from."
    takes: ClassVar[str] = "a minute"

    network: Literal["auto", "linear", "mlp", "conv", "grid"] = param(
        "auto",
        "kind of coders (auto: conv for images, mlp for tables; grid: codes of images are small"
        " images, too)",
    )
    anchor: Literal["pca", "none"] = param(
        "pca",
        "what the coders begin as, to learn the rest (pca: principal components; linear and grid"
        " coders begin at random)",
    )
    corruption: Corruption = param(
        "none", "noise on the input; the loss compares with the clean one"
    )
    corruption_level: float = param(0.5, "strength of the corruption", low=0)
    latent_density: Literal["none", "gaussian", "gmm"] = param(
        "gmm", "where `sample` draws codes: N(0, I), or a density fitted to the codes"
    )
    components: int = param(10, "components of the gmm", low=1)

    def check_data(self, spec: DataSpec) -> None:
        super().check_data(spec)
        if self.corruption != "none" and self.corruption_level > self._max_level:
            raise UserError(
                f"corruption_level={self.corruption_level} was given; for"
                f" corruption={self.corruption!r} it is a share, at most 1"
            )
        if self.network == "grid" and self.latent_density != "none":
            raise UserError(
                "network='grid' was given, whose codes are too large for a density to be fitted to;"
                " take latent_density='none'"
            )

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        coders, latent = self.coder_config(spec), self.latent_dim_
        density = GaussianMixture(self.components if self.latent_density == "gmm" else 1, latent)
        pair = {"encoder": coders.encoder(latent), "decoder": coders.decoder(latent)}
        return {**pair, "density": density, **self.start_parts(spec, *pair.values())}

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        super().resolve_hyperparameters(spec)
        plain = self.corruption == "none" and self.anchor == "pca"
        self.anchored_ = plain and self._resolved_network(spec) in ANCHORED

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Squared error for each number of x, in the networks' units."""
        corrupted = CORRUPTIONS[self.corruption](x, self.corruption_level)
        return (self.decode_tensor(self.encode_tensor(corrupted)) - x).square().mean()

    def post_training(self, data: DatasetProtocol) -> None:
        """Fit the density of the codes."""
        if self.latent_density != "none":
            rows = random_rows(self.seed, len(data), _DENSITY_CODES, "codes")
            codes = self._map(self.encode_tensor, data.user(np.sort(rows)))
            self._latent_density.fit(codes.numpy(), seed_for(self.seed, "density"))

    def denoise(self, X: Any) -> Array:
        """The clean examples: ``reconstruct``, which the corruption trained for it."""
        return self.reconstruct(X)

    def panels(self, data: DatasetProtocol) -> list[Panel]:
        """What becomes of growing noise, for images; where there is a corruption to be trained
        against."""
        if self.corruption == "none" or not isinstance(self.spec_, ImageSpec):
            return []
        x = self.spec_.to_internal(data.user(slice(0, _PANEL_EXAMPLES))).to(self.device_)
        levels = [self.corruption_level * strength for strength in _PANEL_LEVELS]
        with seeded(seed_for(self.seed, "strip")), evaluating(self.networks_):
            noisy = [
                CORRUPTIONS[self.corruption](x, min(level, self._max_level)) for level in levels
            ]
            images = torch.cat(
                [
                    image
                    for one in noisy
                    for image in (one, self.decode_tensor(self.encode_tensor(one)))
                ]
            )
        rows = tuple(
            row
            for level in levels
            for row in (f"noise {min(level, self._max_level):.2g}", "denoised")
        )
        meaning = (
            "Examples under growing noise, and what the model makes of them; it was trained at"
            f" {self.corruption_level:g}."
        )
        return [
            ImagePanel(
                title="Denoising",
                section="reconstructions",
                meaning=meaning,
                values=self.spec_.to_user(images),
                columns=len(x),
                rows=rows,
            )
        ]

    def encode_tensor(self, x: Tensor) -> Tensor:
        z: Tensor = self.networks_["encoder"](x)
        return z + self.start.encode(x) if self.anchored_ else z

    def decode_tensor(self, z: Tensor) -> Tensor:
        x: Tensor = self.networks_["decoder"](z)
        return x + self.start.decode(z) if self.anchored_ else x

    def _sample_codes(self, n: int, seed: int, start: int) -> Tensor:
        eps = normal(seed, start, n, (self.latent_dim_,))
        if self.latent_density == "none":
            return eps
        with evaluating(self.networks_):
            z: Tensor = self._latent_density(
                eps, uniform(seed_for(seed, "component"), start, n, ())
            ).cpu()
        return z

    @property
    def _max_level(self) -> float:
        """The strongest noise of this kind."""
        return float("inf") if self.corruption == "gaussian" else 1.0

    @property
    def _latent_density(self) -> GaussianMixture:
        density = self.networks_["density"]
        assert isinstance(density, GaussianMixture)
        return density
