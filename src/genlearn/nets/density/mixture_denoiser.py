r"""The posterior mean of a mixture of Gaussians under noise, in closed form.

For x ~ sum_k w_k N(mu_k, S_k) and x_t = alpha x + sigma eps, each component's part of the posterior
is Gaussian, and in the coordinates of its own axes, S_k = V_k diag(lambda_k) V_k^T, its mean is a
shrinkage:

    E[x | x_t, k] = mu_k + V_k (alpha lambda_k / v_k * d_k),    v_k = alpha^2 lambda_k + sigma^2,
    d_k = V_k^T (x_t - alpha mu_k),    p(k | x_t) ~ w_k N(d_k; 0, diag(v_k)).

The components lie in a subspace of q dimensions, m + U z; across it all have the variance s^2, and
the shrinkage is alpha s^2 / (alpha^2 s^2 + sigma^2). Noisy examples of the mixture can be drawn too
(`MixtureDenoiser.noised`), and where there is much noise they are hardly told from noisy data: a
sampler may begin with them (Zheng et al. 2022, "Truncated diffusion probabilistic models", arXiv
2202.09671).
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from .components import chosen

# log10 of the ratios sigma / alpha at which errors are known, evenly spaced
_LOW, _HIGH, _PER_DECADE = -3, 3, 8


class MixtureDenoiser(nn.Module):
    """E[x | x_t, y], and its ``error``: the root mean square for a number, at ``ratios`` sigma /
    alpha.

    m: ``mean`` (D,); U: ``basis`` (D, q); mu: ``means`` (K, q); V: ``axes`` (K, q, q); lambda:
    ``variances`` (K, q); s^2: ``across`` (). Each class y has weights of its own:
    ``log_weights`` (classes + 1, K), the last row for any class.
    """

    mean: Tensor
    basis: Tensor
    log_weights: Tensor
    means: Tensor
    axes: Tensor
    variances: Tensor
    across: Tensor
    error: Tensor

    def __init__(self, dim: int, classes: int = 0) -> None:
        super().__init__()
        self.classes = classes
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("error", torch.ones((_HIGH - _LOW) * _PER_DECADE + 1))
        one, of_class = torch.ones(1, 1), torch.ones(classes, 1)
        self.fill(
            torch.zeros(dim), torch.eye(dim, 1), one[0], 0 * one, one[None], of_class, one[0, 0]
        )

    def fill(
        self,
        mean: Tensor,
        basis: Tensor,
        weights: Tensor,
        means: Tensor,
        covariances: Tensor,
        of_class: Tensor,
        across: Tensor,
    ) -> None:
        """Become the denoiser of that mixture: of weights (K,), and in each class ``of_class``
        (classes, K), of covariances (K, q, q)."""
        variances, axes = torch.linalg.eigh(covariances.double())
        parts = {
            "mean": mean,
            "basis": basis,
            "log_weights": torch.cat([of_class[: self.classes], weights[None]]).log(),
            "means": means,
            "axes": axes.contiguous(),  # as they are read again: products round by the layout
            "variances": variances.clamp(min=0),
            "across": across,
        }
        for name, values in parts.items():
            self.register_buffer(name, values.to(self.mean.device, torch.float32))

    @property
    def ratios(self) -> Tensor:
        """The ratios sigma / alpha of ``error``."""
        return torch.logspace(_LOW, _HIGH, len(self.error), dtype=torch.float64)

    def forward(self, x_t: Tensor, alpha: Tensor, sigma: Tensor, y: Tensor | None = None) -> Tensor:
        """E[x | x_t, y], like ``x_t`` (B, *shape); alpha, sigma, y (B,)."""
        with torch.autocast(x_t.device.type, enabled=False):
            alpha, sigma = alpha.float()[:, None], sigma.float()[:, None]
            z, rest = self._coordinates(x_t.flatten(1).float(), alpha)
            share, d, v = self._shares(z, alpha, sigma, y)
            shrunk = torch.bmm(alpha * self.variances[:, None] / v * d, self.axes.mT)  # (K, B, q)
            inside = share @ self.means + torch.einsum("bk,kbq->bq", share, shrunk)
            shrink = alpha * self.across / (alpha.square() * self.across + sigma.square())
            return (self.mean + inside @ self.basis.T + shrink * rest).reshape(x_t.shape)

    def noised(
        self, eps: Tensor, u: Tensor, alpha: Tensor, sigma: Tensor, y: Tensor | None = None
    ) -> Tensor:
        """A noisy example of the mixture, x_t ~ sum_k w_k N(alpha mu_k, alpha^2 S_k + sigma^2),
        like ``eps`` ~ N(0, I) (B, *shape): the component by ``u`` ~ U(0, 1), (B,), and the square
        root of its covariance times ``eps``; alpha, sigma, y (B,)."""
        alpha, sigma = alpha[:, None], sigma[:, None]
        weights = self.log_weights[-1].expand(len(u), -1) if y is None else self.log_weights[y]
        k = chosen(weights.exp(), u)
        white = eps.flatten(1)
        z = white @ self.basis
        deviations = (alpha.square() * self.variances[k] + sigma.square()).sqrt()
        along = torch.einsum("bji,bj->bi", self.axes[k], z) * deviations
        inside = alpha * self.means[k] + torch.einsum("bij,bj->bi", self.axes[k], along)
        across = (alpha.square() * self.across + sigma.square()).sqrt()
        rest = across * (white - z @ self.basis.T)
        return (alpha * self.mean + inside @ self.basis.T + rest).reshape(eps.shape)

    def error_at(self, log_ratio: Tensor) -> Tensor:
        """The error of a number at log sigma / alpha, (B,)."""
        place = (log_ratio / math.log(10) - _LOW) * _PER_DECADE
        place = place.clamp(0, len(self.error) - 1)
        low = place.floor().long().clamp(max=len(self.error) - 2)
        log = self.error.log()
        return torch.lerp(log[low], log[low + 1], place - low).exp()

    def _coordinates(self, x: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor]:
        """Of x_t - alpha m: z (B, q) in the subspace, and what is across it, (B, D)."""
        centred = x - alpha * self.mean
        z = centred @ self.basis
        return z, centred - z @ self.basis.T

    def _shares(
        self, z: Tensor, alpha: Tensor, sigma: Tensor, y: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """p(k | x_t, y) (B, K), d and v (K, B, q)."""
        d = torch.bmm(z - alpha * self.means[:, None], self.axes)
        v = alpha.square() * self.variances[:, None] + sigma.square()
        log_each = -0.5 * (d.square() / v + v.log()).sum(2)
        weights = self.log_weights[-1] if y is None else self.log_weights[y]
        return torch.softmax(weights + log_each.T, 1), d, v

    def _load_from_state_dict(self, state_dict: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        """How many components and axes there are was found out from the data."""
        means = state_dict.get(f"{prefix}means", self.means)
        k, q = means.shape if means.ndim == 2 else self.means.shape
        shapes = {
            "basis": (len(self.mean), q),
            "log_weights": (self.classes + 1, k),
            "means": (k, q),
            "axes": (k, q, q),
            "variances": (k, q),
        }
        for name, shape in shapes.items():
            there = state_dict.get(prefix + name, self.mean)
            # the layout of what is loaded decides the last bits
            empty = torch.empty_like(there) if there.shape == shape else torch.empty(shape)
            self.register_buffer(name, empty.to(self.mean.device))
        super()._load_from_state_dict(state_dict, prefix, *rest)
