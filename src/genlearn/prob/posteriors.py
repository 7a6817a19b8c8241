r"""Gaussian posteriors q(z|x) = N(mean, L L^T), with L diagonal or lower triangular.

The reparametrisation z = mean + L eps, eps ~ N(0, I) (Kingma & Welling 2013, arXiv 1312.6114) makes
log q(z|x) a function of eps:

    log q(z|x) = -1/2 ||eps||^2 - sum_j log L_jj - d/2 log 2 pi

so that no linear system is ever solved. Against the prior N(0, I) the divergence is known in closed
form:

    KL(q || p) = 1/2 (||mean||^2 + ||L||_F^2 - d) - sum_j log L_jj
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import softplus

LOG_2PI = math.log(2 * math.pi)
Covariance = Literal["diagonal", "full"]
_FLOOR = 1e-4  # the smallest standard deviation of a code, against an infinite log-density


def standard_log_prob(z: Tensor) -> Tensor:
    """log N(z; 0, I) over the last axis: (..., d) -> (...)."""
    return -0.5 * (z.square().sum(-1) + z.shape[-1] * LOG_2PI)


@dataclass(frozen=True)
class Posterior(ABC):
    """q(z|x) for a batch: ``mean`` has shape (B, d)."""

    mean: Tensor

    @abstractmethod
    def transform(self, eps: Tensor) -> Tensor:
        """z = mean + L eps: (..., B, d) -> (..., B, d)."""

    @property
    @abstractmethod
    def log_det(self) -> Tensor:
        """sum_j log L_jj, shape (B,)."""

    @abstractmethod
    def kl_per_latent(self) -> Tensor:
        """KL(q || N(0, I)) as a sum over latents, shape (B, d)."""

    @abstractmethod
    def covariance(self) -> Tensor:
        """L L^T, shape (B, d, d)."""

    def kl(self) -> Tensor:
        """KL(q || N(0, I)) in nats, shape (B,)."""
        return self.kl_per_latent().sum(-1)

    def log_prob(self, eps: Tensor) -> Tensor:
        """log q(mean + L eps | x): (..., B, d) -> (..., B)."""
        return standard_log_prob(eps) - self.log_det


@dataclass(frozen=True)
class DiagonalGaussian(Posterior):
    """N(mean, diag(std^2)); ``std`` has shape (B, d)."""

    std: Tensor

    def transform(self, eps: Tensor) -> Tensor:
        return self.mean + self.std * eps

    @property
    def log_det(self) -> Tensor:
        return self.std.log().sum(-1)

    def kl_per_latent(self) -> Tensor:
        return 0.5 * (self.mean.square() + self.std.square() - 1) - self.std.log()

    def covariance(self) -> Tensor:
        return torch.diag_embed(self.std.square())


@dataclass(frozen=True)
class FullGaussian(Posterior):
    """N(mean, L L^T); ``tril`` is L, lower triangular with a positive diagonal, shape (B, d, d)."""

    tril: Tensor

    def transform(self, eps: Tensor) -> Tensor:
        return self.mean + torch.einsum("bij,...bj->...bi", self.tril, eps)

    @property
    def log_det(self) -> Tensor:
        return self.tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def kl_per_latent(self) -> Tensor:
        diagonal = self.tril.diagonal(dim1=-2, dim2=-1)
        return 0.5 * (self.mean.square() + self.tril.square().sum(-1) - 1) - diagonal.log()

    def covariance(self) -> Tensor:
        return self.tril @ self.tril.mT


def parameter_count(dim: int, covariance: Covariance) -> int:
    """How many numbers describe one posterior over ``dim`` latents."""
    return 2 * dim if covariance == "diagonal" else dim + dim * (dim + 1) // 2


def standard_deviation_parameter(std: Tensor) -> Tensor:
    """What a network gives for standard deviations ``std``."""
    above = (std - _FLOOR).clamp(min=_FLOOR)
    return above + torch.log(-torch.expm1(-above)) - _SHIFT


def log_variance_posterior(numbers: Tensor, dim: int) -> DiagonalGaussian:
    """The posterior of a network that gives means and logarithms of variances, as the diffusers
    library reads them: (B, 2 dim) -> q."""
    return DiagonalGaussian(numbers[:, :dim], (numbers[:, dim:].clamp(-30, 20) / 2).exp())


def posterior(numbers: Tensor, dim: int, covariance: Covariance) -> Posterior:
    """The posterior that a network's output describes: (B, `parameter_count`) -> q. Standard
    deviations pass through a softplus."""
    mean, rest = numbers[:, :dim], numbers[:, dim:]
    std = softplus(rest[:, :dim] + _SHIFT) + _FLOOR
    if covariance == "diagonal":
        return DiagonalGaussian(mean, std)
    rows, columns = torch.tril_indices(dim, dim, offset=-1, device=numbers.device)
    tril = torch.diag_embed(std)
    tril[:, rows, columns] = rest[:, dim:]
    return FullGaussian(mean, tril)


_SHIFT = math.log(math.e - 1)  # softplus(_SHIFT) = 1: an untrained encoder says the prior's width
