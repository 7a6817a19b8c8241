"""Distributions whose denoiser D(x_t) = E[x | x_t], flow and density are known in closed form, at
every level of every schedule."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from genlearn.prob.diffusion.denoiser import Denoiser
from genlearn.prob.diffusion.schedules import (
    CosineSchedule,
    LinearSchedule,
    NoiseLevel,
    VarianceExploding,
    VariancePreserving,
)

SCHEDULES = {
    "linear": LinearSchedule(),
    "exploding": VarianceExploding(),
    "preserving": VariancePreserving(),
    "cosine": CosineSchedule(),
}


@dataclass(frozen=True, eq=False)
class Gaussian(Denoiser):
    """x ~ N(mean, covariance); mean (d,), covariance (d, d)."""

    mean: Tensor
    covariance: Tensor

    @classmethod
    def example(cls, dim=3, dtype=torch.float64):
        """Correlated, off the origin, no two axes alike."""
        root = torch.randn(dim, dim, generator=torch.Generator().manual_seed(1), dtype=dtype)
        return cls(
            torch.linspace(-0.5, 1, dim, dtype=dtype),
            root @ root.T / dim + 0.1 * torch.eye(dim, dtype=dtype),
        )

    def marginal(self, level: NoiseLevel) -> MultivariateNormal:
        """The distribution of x_t."""
        noise = level.sigma**2 * torch.eye(len(self.mean), dtype=self.mean.dtype)
        return MultivariateNormal(level.alpha * self.mean, level.alpha**2 * self.covariance + noise)

    def posterior_mean(self, x: Tensor, level: NoiseLevel, condition=None) -> Tensor:
        """mean + alpha S (alpha^2 S + sigma^2 I)^-1 (x_t - alpha mean)."""
        gain = level.alpha * torch.linalg.solve(
            self.marginal(level).covariance_matrix, self.covariance
        )
        return self.mean + (x - level.alpha * self.mean) @ gain

    def flow(self, x: Tensor, start: NoiseLevel, end: NoiseLevel) -> Tensor:
        """The exact map of the probability-flow ODE, axis by axis of the covariance."""
        variances, axes = torch.linalg.eigh(self.covariance)
        spread = [(level.alpha**2 * variances + level.sigma**2).sqrt() for level in (start, end)]
        return (
            end.alpha * self.mean
            + ((x - start.alpha * self.mean) @ axes * (spread[1] / spread[0])) @ axes.T
        )

    def draw(self, n: int, level: NoiseLevel, seed=0) -> Tensor:
        """``n`` of x_t."""
        z = torch.randn(
            n, len(self.mean), generator=torch.Generator().manual_seed(seed), dtype=self.mean.dtype
        )
        return self.marginal(level).loc + z @ self.marginal(level).scale_tril.T


@dataclass(frozen=True, eq=False)
class Mixture(Denoiser):
    """x ~ sum_k weights_k N(means_k, std^2 I); means (K, d). With ``std`` = 0: the data themselves,
    and a denoiser that has learned them by heart."""

    means: Tensor
    weights: Tensor
    std: float = 0.0

    @classmethod
    def example(cls, dim=3, count=4, std=0.3, dtype=torch.float64):
        means = torch.randn(count, dim, generator=torch.Generator().manual_seed(2), dtype=dtype)
        return cls(means, torch.arange(1, count + 1, dtype=dtype) / sum(range(1, count + 1)), std)

    def logits(self, x: Tensor, level: NoiseLevel) -> Tensor:
        """log of weights_k N(x_t; alpha means_k, (alpha^2 std^2 + sigma^2) I): (B, K)."""
        variance = (level.alpha * self.std) ** 2 + level.sigma**2
        distance = (x[:, None] - level.alpha * self.means).square().sum(-1)
        return (
            self.weights.log()
            - distance / (2 * variance)
            - x.shape[1] / 2 * math.log(2 * math.pi * variance)
        )

    def log_prob(self, x: Tensor, level: NoiseLevel) -> Tensor:
        return self.logits(x, level).logsumexp(-1)

    def posterior_mean(self, x: Tensor, level: NoiseLevel, condition=None) -> Tensor:
        """sum_k p(k | x_t) (means_k + alpha std^2 / (alpha^2 std^2 + sigma^2) (x_t - alpha
        means_k))."""
        mean = self.logits(x, level).softmax(-1) @ self.means
        gain = level.alpha * self.std**2 / ((level.alpha * self.std) ** 2 + level.sigma**2)
        return mean + gain * (x - level.alpha * mean)


@dataclass(frozen=True, eq=False)
class Function(Denoiser):
    """A denoiser by a function of x_t and the level."""

    function: Callable[[Tensor, NoiseLevel], Tensor]

    def posterior_mean(self, x: Tensor, level: NoiseLevel, condition=None) -> Tensor:
        return self.function(x, level)
