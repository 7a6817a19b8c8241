r"""A mixture of Gaussians in a subspace with isotropic noise around it: an exact density over all
of space.

With U (D, q) of orthonormal columns, z = U^T (x - m) and r = x - m - U z,

    log p(x) = log sum_k w_k N(z; mu_k, L_k L_k^T) + log N(r; 0, s^2 I_{D-q})

since [U, its complement] is a rotation, whose determinant is one. With one component this is
probabilistic PCA.

**Dequantised data.** For u uniform on a cell around x, of variance v in each dimension (w^2 / 12
for a cell of width w),

    E_u log N(x + u; m, S) = log N(x; m, S) - v/2 tr(S^-1)

in closed form, because log N is quadratic; and E logsumexp_k(a_k) >= logsumexp_k(E a_k), because
logsumexp is convex. So with each component taking its own penalty the result is a lower bound of
E_u log p(x + u), which is itself one of the log-probability of the cell (Theis, van den Oord &
Bethge 2015, arXiv 1511.01844) once log w^D is added.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.linalg import solve_triangular

from .components import chosen

_LOG_2PI = math.log(2 * math.pi)


class PPCAMixture(nn.Module):
    """m: ``mean`` (D,); U: ``basis`` (D, q); w: ``weights`` (K,); mu: ``means`` (K, q); L:
    ``factors`` (K, q, q); s^2: ``noise`` (). All double."""

    mean: Tensor
    basis: Tensor
    weights: Tensor
    means: Tensor
    factors: Tensor
    noise: Tensor

    def __init__(self, dim: int, latent: int, components: int) -> None:
        super().__init__()
        double = torch.float64
        self.register_buffer("mean", torch.zeros(dim, dtype=double))
        self.register_buffer("basis", torch.eye(dim, latent, dtype=double))
        self.register_buffer("weights", torch.full((components,), 1 / components, dtype=double))
        self.register_buffer("means", torch.zeros(components, latent, dtype=double))
        self.register_buffer("factors", torch.eye(latent, dtype=double).repeat(components, 1, 1))
        self.register_buffer("noise", torch.ones((), dtype=double))

    def forward(self, z: Tensor) -> Tensor:
        """The point m + U z of the subspace: (B, q) -> (B, D)."""
        return self.mean + z.double() @ self.basis.T

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, D) -> z (B, q) and r (B, D)."""
        centred = x.double() - self.mean
        z = centred @ self.basis
        return z, centred - z @ self.basis.T

    def log_prob(self, x: Tensor, cell: float = 0.0) -> Tensor:
        """log p(x), or its bound for cells of variance ``cell``: (B, D) -> (B,)."""
        z, r = self.split(x)
        inside = torch.logsumexp(self._log_each(z, cell), 0)
        free = x.shape[1] - z.shape[1]
        return inside - 0.5 * (
            (r.square().sum(1) + cell * free) / self.noise + free * (_LOG_2PI + self.noise.log())
        )

    def draw(self, eps: Tensor, choice: Tensor) -> Tensor:
        """z from standard normals (B, q) and uniforms (B,)."""
        part = chosen(self.weights, choice)
        z, eps = self.means[part], eps.to(self.means)
        for k in range(len(self.weights)):
            z[part == k] += eps[part == k] @ self.factors[k].T
        return z

    def around(self, eps: Tensor) -> Tensor:
        """r from standard normals: (B, D) -> (B, D)."""
        eps = eps.to(self.mean)
        return self.noise.sqrt() * (eps - eps @ self.basis @ self.basis.T)

    def _log_each(self, z: Tensor, cell: float) -> Tensor:
        """log w_k N(z; mu_k, L_k L_k^T) - cell/2 tr((L_k L_k^T)^-1): (B, q) -> (K, B)."""
        y = solve_triangular(self.factors, (z - self.means[:, None]).mT, upper=False)
        inverse = solve_triangular(self.factors, torch.eye(z.shape[1]).to(z), upper=False)
        log_det = self.factors.diagonal(dim1=1, dim2=2).log().sum(1)
        constant = (
            self.weights.log()
            - log_det
            - 0.5 * (z.shape[1] * _LOG_2PI + cell * inverse.square().sum((1, 2)))
        )
        log_each: Tensor = constant[:, None] - 0.5 * y.square().sum(1)
        return log_each
