r"""Probabilistic principal component analysis: the best Gaussian with a low-dimensional heart.

Data is a linear image of a few latents plus the same noise everywhere, x = W z + m + e with z ~
N(0, I_q) and e ~ N(0, s^2 I), so that x ~ N(m, W W^T + s^2 I). The likelihood is at its highest, in
closed form (Tipping & Bishop 1999), where

    W W^T + s^2 I = U diag(lambda_1 .. lambda_q) U^T + s^2 (I - U U^T),
    s^2 = mean of the discarded eigenvalues,

U being the q leading eigenvectors of the covariance and lambda their eigenvalues. It is the linear
autoencoder and the linear VAE without training: what a deep model does not do better than this, it
does not do by being deep. (Covariances are by n - 1, as scikit-learn's are.)

**Cost.** Beyond 1,024 dimensions the axes are those of at most 10,000 examples, chosen by ``seed``,
found by a randomised SVD.

**Discrete images** are dequantised: s^2 and lambda include the variance of a cell, and the score is
a lower bound of the log-probability of the image; a continuous table gets its exact density.

**Denoising.** Suppose Gaussian noise of unknown variance v was added. In the D - q discarded
directions, where r lies, data has variance s^2, so v is estimated from the example itself as
||r||^2 / (D - q) - s^2, at least 0, and the posterior mean (Wiener 1949) shrinks each direction by
lambda / (lambda + v), the discarded ones by s^2 / (s^2 + v). What is clean stays nearly as it is.
With q = D nothing tells noise from data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol, Denoises
from ...core.panels import ImagePanel, LinePanel, Panel
from ...core.spec import DataSpec, ImageSpec
from ...nets.density.ppca_mixture import PPCAMixture
from .._encoding import ExactDecoderModel
from ._pca import SubspaceDensity, principal_axes

_DEFAULT_LATENT_DIM, _SHOWN, _HELD_OUT = 16, 24, 2000


@dataclass(kw_only=True, eq=False, repr=False)
class PPCA(ExactDecoderModel, SubspaceDensity, Denoises):
    r"""Probabilistic PCA: x ~ N(m, U diag(lambda) U^T + s^2 (I - U U^T)).

    Tipping & Bishop 1999, "Probabilistic principal component analysis".

    Codes are the principal scores at unit variance, z_i = u_i^T (x - m) / sqrt(lambda_i), so that
    drawing is decoding z ~ N(0, I); ``reconstruct`` is the orthogonal projection on the q =
    ``latent_dim`` leading axes.
    """

    use: ClassVar[str] = "A baseline: principal components, as codes and as a density."
    takes: ClassVar[str] = "a second"

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``latent_dim_`` is q."""
        self.latent_dim_ = self._resolved_latent_dim(
            min(_DEFAULT_LATENT_DIM, max(1, spec.dim // 2))
        )

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        return {"density": PPCAMixture(spec.dim, self.latent_dim_, 1)}

    def estimate(self, data: DatasetProtocol) -> None:
        axes = principal_axes(data, self.latent_dim_, self.seed)
        axes.copy_to(self._mixture)
        self._mixture.factors[0] = axes.variances.sqrt().diag()

    def denoise(self, X: Any) -> Array:
        """The expected clean examples, for Gaussian noise of a variance that is estimated from
        each."""
        return self.spec_.to_user(self._map(self._posterior_mean, self._values(X)))

    def panels(self, data: DatasetProtocol) -> list[Panel]:
        """The share of variance that the components explain; and what they look like."""
        components = [self._components()] if isinstance(self.spec_, ImageSpec) else []
        return [self._spectrum(data), *components]

    def encode_tensor(self, x: Tensor) -> Tensor:
        return (self._mixture.split(x.flatten(1))[0] / self._scale).float()

    def decode_tensor(self, z: Tensor) -> Tensor:
        x: Tensor = self._mixture(z * self._scale)
        return x.reshape(z.shape[0], *self.spec_.shape)

    def _posterior_mean(self, x: Tensor) -> Tensor:
        z, r = self._mixture.split(x.flatten(1))
        s2, free = self._mixture.noise, r.shape[1] - z.shape[1]
        v = (r.square().sum(1, keepdim=True) / max(1, free) - s2).clamp(min=0) * (free > 0)
        lam = self._scale.square()
        clean: Tensor = self._mixture(z * lam / (lam + v)) + r * s2 / (s2 + v)
        return clean.reshape(x.shape)

    def _spectrum(self, data: DatasetProtocol) -> LinePanel:
        rows = self._map(lambda x: x.double(), data.user(slice(0, _HELD_OUT))).flatten(1)
        z, r = (part.cpu() for part in self._mixture.split(rows.to(self.device_)))
        learned, free = self._scale.square().cpu(), r.shape[1] - z.shape[1]
        kept, total = z.square().sum(0), z.square().sum() + r.square().sum()
        shares = {
            "learned": learned / (learned.sum() + free * float(self._mixture.noise)),
            "held out": kept / total.clamp(min=1e-300),
        }
        series = {
            name: np.stack([np.arange(1, len(s) + 1), s.cumsum(0).numpy()], axis=1)
            for name, s in shares.items()
        }
        meaning = (
            "Share of all variance that the leading components explain; held out far below learned"
            " means too few examples for so many."
        )
        return LinePanel(
            title="Explained variance",
            meaning=meaning,
            x="components",
            y="share of variance",
            series=series,
        )

    def _components(self) -> ImagePanel:
        shown = self._mixture.basis.T[:_SHOWN]
        values = self.spec_.to_user(
            (shown / shown.abs().amax(1, keepdim=True)).reshape(-1, *self.spec_.shape)
        )
        meaning = (
            "Directions in which images vary most, first to last; grey is no change, white and"
            " black change together in opposite senses."
        )
        return ImagePanel(title="Principal components", meaning=meaning, values=values)

    @property
    def _scale(self) -> Tensor:
        """Standard deviations sqrt(lambda), shape (q,)."""
        scale: Tensor = self._mixture.factors[0].diagonal()
        return scale
