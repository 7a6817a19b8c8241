r"""Gaussian mixtures: several clouds instead of one.

    p(x) = sum_k w_k N(x; mu_k, S_k)

fitted by expectation maximisation (Dempster, Laird & Rubin 1977): in turn, share each example among
the components by p(k|x), and give each component the weight, mean and covariance of its share. Each
round raises the likelihood, to a maximum that depends on the start, k-means here.

**Many dimensions.** A covariance has D (D + 1) / 2 numbers, and for images no data suffices. So the
mixture lives in the subspace of the q leading principal components, with isotropic noise around it.
The rotation to those components is orthonormal, so this is an exact density over all of space. By
default q is as large as the data supports: four examples to a dimension and component, at most 64
dimensions (on digits the held-out likelihood of 10 components is best at two to three, that of 20
at two; four leaves room for clouds of unequal weight).

**Cost.** EM sees at most 20,000 examples, chosen by ``seed``, and takes at most 50 rounds; the
subspace is that of probabilistic PCA.

**Discrete images** are dequantised: all covariances include the variance of a cell, and the score
is a lower bound of the log-probability of the image, each component paying its own part of it; a
continuous table gets its exact density.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from sklearn.mixture import GaussianMixture
from torch import nn

from ...core.capabilities import DatasetProtocol
from ...core.panels import ImagePanel, Panel
from ...core.params import Choice, Range, param
from ...core.seeding import random_rows, seed_for
from ...core.spec import DataSpec, ImageSpec, TableSpec
from ...nets.density.ppca_mixture import PPCAMixture
from ._pca import MIN_VARIANCE, SubspaceDensity, cell_variance, flat_batch, principal_axes

MAX_DIM = 64
EM_EXAMPLES = 20_000
_EXAMPLES_PER_DIMENSION = 4
_EM_ITERATIONS = 50
_FEW, _MOST, _ROWS = 10, 100, 200  # components, and rows of a table for one


@dataclass(kw_only=True, eq=False, repr=False)
class GMM(SubspaceDensity):
    r"""Gaussian mixture: p(x) = sum_k w_k N(z; mu_k, S_k) N(r; 0, s^2 I), z the coordinates of x in
    the subspace, r the rest.

    Dempster, Laird & Rubin 1977, "Maximum likelihood from incomplete data via the EM algorithm";
    Tipping & Bishop 1999 for the noise s^2.

    ``components`` clouds, at most one for each example; ``latent_dim`` is q. The columns of a table
    are normal each by itself inside, so that all that is left to learn is how they go together,
    which takes many clouds (the numbers of 40,000 diamonds: boosted trees told samples of 10 from
    real rows with an AUC of .70, of 50 with .60, of 150 with .54).
    """

    use: ClassVar[str] = "A baseline with a log p(x): groups, densities, quick samples."
    takes: ClassVar[str] = "seconds"

    latent_dim: int | None = param(
        None,
        "dimension of the subspace (default: n / (4 components), at most 64)",
        low=1,
        search=Range(2, 64, log=True),
    )
    components: int | None = param(
        None,
        "how many Gaussians (default: 10; of a table one for 200 rows, 10 to 100)",
        low=1,
        search=Range(1, 50, log=True),
    )
    covariance: Literal["full", "diagonal"] = param(
        "full", "of each component, along the principal axes", search=Choice("full", "diagonal")
    )

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``components_`` and ``latent_dim_`` are how many Gaussians, and in how many
        dimensions."""
        usual = (
            min(_MOST, max(_FEW, self.n_samples_ // _ROWS)) if isinstance(spec, TableSpec) else _FEW
        )
        self.components_ = min(self.components or usual, self.n_samples_)
        self.latent_dim_ = self._resolved_latent_dim(
            min(MAX_DIM, self.n_samples_ // (_EXAMPLES_PER_DIMENSION * self.components_))
        )

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        return {"density": PPCAMixture(spec.dim, self.latent_dim_, self.components_)}

    def estimate(self, data: DatasetProtocol) -> None:
        axes = principal_axes(data, self.latent_dim_, self.seed)
        axes.copy_to(self._mixture)
        some = np.sort(random_rows(self.seed, len(data), EM_EXAMPLES, "examples"))
        self._fit_em(axes.project(flat_batch(data, some)).numpy())

    def panels(self, data: DatasetProtocol) -> list[Panel]:
        """The means of the components, for images."""
        if not isinstance(self.spec_, ImageSpec):
            return []
        order = self._mixture.weights.argsort(descending=True)
        values = self.spec_.to_user(
            self._mixture(self._mixture.means[order]).reshape(-1, *self.spec_.shape)
        )
        meaning = (
            "What each Gaussian of the mixture is centred on, the one with the most examples first."
        )
        return [ImagePanel(title="Means of the components", meaning=meaning, values=values)]

    def _fit_em(self, z: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
        """EM on coordinates (n, q); each covariance gets the variance of a cell."""
        kind = "full" if self.covariance == "full" else "diag"
        least = cell_variance(self.spec_) or MIN_VARIANCE
        seed = seed_for(self.seed, "em") % 2**32
        em = GaussianMixture(
            self.components_,
            covariance_type=kind,
            reg_covar=least,
            random_state=seed,
            max_iter=_EM_ITERATIONS,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an EM that stops early is still a density
            em.fit(z)
        factors = (
            np.linalg.cholesky(em.covariances_)
            if kind == "full"
            else np.sqrt(em.covariances_)[:, :, None] * np.eye(z.shape[1])
        )
        for buffer, values in (
            ("weights", em.weights_),
            ("means", em.means_),
            ("factors", factors),
        ):
            getattr(self._mixture, buffer).copy_(torch.from_numpy(values))
