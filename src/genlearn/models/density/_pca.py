"""What densities on the leading principal components share: the axes, the border to discrete data,
drawing.

**Floors.** A variance of zero would make a density infinite. Discrete data has the variance w^2 /
12 of its cells, of width w, in each dimension; continuous data is given at least `MIN_VARIANCE`, in
standardised units.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import torch
from scipy.linalg import eigh
from sklearn.utils.extmath import randomized_svd
from torch import Tensor

from ...core.capabilities import Array, DatasetProtocol, LogProbKind, Scores
from ...core.errors import UserError
from ...core.estimator_types import ClosedForm
from ...core.params import param
from ...core.seeding import normal, random_rows, seed_for, uniform
from ...core.spec import DataSpec, ImageSpec
from ...nets.density.ppca_mixture import PPCAMixture
from ..base import UnconditionalSampler, evaluating

MIN_VARIANCE = 1e-6
_CHUNK = 4096
# dimensions up to which the covariance of all examples is written down; beyond, a randomised SVD of
# some
_MAX_DENSE_DIM = 1024
# examples of that SVD, and numbers in them (a gigabyte)
_SVD_EXAMPLES, _SVD_NUMBERS = 10_000, 1 << 27


@dataclass(kw_only=True, eq=False, repr=False)
class DensityModel(ClosedForm, UnconditionalSampler, Scores):
    """A density over the numbers x of an example, inside, that is estimated in one go."""

    @property
    def log_prob_kind(self) -> LogProbKind:
        """exact for continuous data; bound for discrete, whose cells are integrated by Jensen's
        inequality."""
        return "bound" if self.spec_.dequantised else "exact"

    def score_samples(self, X: Any) -> Array:
        """log p(x) in nats, shape (n,); for discrete data a lower bound of the log-probability of
        the example."""
        network, cell = cast(Any, self.networks_["density"]), cell_variance(self.spec_)
        return self._log_density(lambda x: network.log_prob(x.flatten(1), cell), X)


@dataclass(kw_only=True, eq=False, repr=False)
class SubspaceDensity(DensityModel):
    """Gaussians on the leading principal components, and isotropic noise around them."""

    latent_dim: int | None = param(None, "dimension of the subspace", low=1)
    output: Literal["auto", "mean", "draw"] = param(
        "auto",
        "`sample` gives the point in the subspace or adds the noise (auto: the point for images)",
    )

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for a subspace larger than the space."""
        if (self.latent_dim or 1) > spec.dim:
            raise UserError(
                f"latent_dim={self.latent_dim} is larger than the data (n_features={spec.dim});"
                f" take at most {spec.dim}"
            )

    def _resolved_latent_dim(self, default: int) -> int:
        """``latent_dim``, or ``default`` within what the examples span. Raises `UserError` for more
        than that."""
        most = min(self.spec_.dim, self.n_samples_ - 1)
        if (self.latent_dim or 1) > most:
            raise UserError(
                f"latent_dim={self.latent_dim} was given; {self.n_samples_} examples span {most}"
                f" dimensions; take at most {most}"
            )
        return self.latent_dim or max(1, min(default, most))

    def sample_batch(self, n: int, seed: int, start: int) -> Array:
        mixture, dim = self._mixture, self.spec_.dim
        with evaluating(self.networks_):
            eps = normal(seed, start, n, (mixture.means.shape[1],)).to(self.device_)
            x = mixture(
                mixture.draw(
                    eps, uniform(seed_for(seed, "component"), start, n, ()).to(self.device_)
                )
            )
            if self.output == "draw" or (
                self.output == "auto" and not isinstance(self.spec_, ImageSpec)
            ):
                x = x + mixture.around(
                    normal(seed_for(seed, "x"), start, n, (dim,)).to(self.device_)
                )
            return self.spec_.to_user(x.reshape(n, *self.spec_.shape))

    @property
    def _mixture(self) -> PPCAMixture:
        mixture = self.networks_["density"]
        assert isinstance(mixture, PPCAMixture)
        return mixture


def cell_variance(spec: DataSpec) -> float:
    """Variance w^2 / 12 of a number that is uniform on its cell; 0 for continuous data."""
    return (spec.bin_width or 0.0) ** 2 / 12


def flat_batch(data: DatasetProtocol, index: Array) -> Tensor:
    """Examples as vectors, float32 (n, D)."""
    return data.batch(index)[0].flatten(1)


@dataclass(frozen=True)
class PrincipalAxes:
    """Principal axes: ``mean`` (D,), ``basis`` (D, q), ``variances`` (q,) along them, largest
    first, and the mean ``noise`` across."""

    mean: Tensor
    basis: Tensor
    variances: Tensor
    noise: float

    def project(self, x: Tensor) -> Tensor:
        """Coordinates in the subspace: (n, D) -> (n, q), double."""
        return (x.double() - self.mean) @ self.basis

    def copy_to(self, mixture: PPCAMixture) -> None:
        mixture.mean.copy_(self.mean)
        mixture.basis.copy_(self.basis)
        mixture.noise.fill_(self.noise)


def principal_axes(data: DatasetProtocol, q: int, seed: int) -> PrincipalAxes:
    """The q leading eigenvectors of the covariance S (by n - 1); dequantised, so that variances
    include their cells'."""
    n, spec = len(data), data.spec
    mean = (
        sum(
            (flat_batch(data, index).double().sum(0) for index in _index_batches(n)),
            torch.zeros(spec.dim, dtype=torch.float64),
        )
        / n
    )
    if spec.dim <= _MAX_DENSE_DIM:
        variances, basis, total = _dense_axes(data, mean, q)
    else:
        variances, basis, total = _randomised_axes(data, mean, q, seed)
    cell, rest = cell_variance(spec), spec.dim - q
    least = 0.0 if cell else MIN_VARIANCE
    noise = max(float(total - variances.sum()) / rest, 0.0) + max(cell, least) if rest else 1.0
    return PrincipalAxes(mean, basis, (variances.clamp(min=0) + cell).clamp(min=least), noise)


def _dense_axes(data: DatasetProtocol, mean: Tensor, q: int) -> tuple[Tensor, Tensor, Tensor]:
    d = len(mean)
    covariance = torch.zeros(d, d, dtype=torch.float64)
    for index in _index_batches(len(data)):
        centred = flat_batch(data, index).double() - mean
        covariance.addmm_(centred.T, centred)
    covariance /= len(data) - 1
    values, vectors = eigh(covariance.numpy(), subset_by_index=[d - q, d - 1])
    return (
        torch.from_numpy(values[::-1].copy()),
        torch.from_numpy(vectors[:, ::-1].copy()),
        covariance.trace(),
    )


def _randomised_axes(
    data: DatasetProtocol, mean: Tensor, q: int, seed: int
) -> tuple[Tensor, Tensor, Tensor]:
    """By Halko et al. 2011, arXiv 0909.4061, on some of the examples."""
    most = max(2 * q, min(_SVD_EXAMPLES, _SVD_NUMBERS // len(mean)))
    index = np.sort(random_rows(seed, len(data), most, "axes"))
    centred = flat_batch(data, index).double() - mean
    _, values, vectors = randomized_svd(
        centred.numpy(), q, n_iter=4, random_state=seed_for(seed, "svd") % 2**32
    )
    return (
        torch.from_numpy(values**2 / (len(index) - 1)),
        torch.from_numpy(vectors.T.copy()),
        centred.square().sum() / (len(index) - 1),
    )


def _index_batches(n: int) -> Iterator[Array]:
    return (np.arange(start, min(start + _CHUNK, n)) for start in range(0, n, _CHUNK))
