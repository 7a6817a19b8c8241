r"""Linear maps of a flow: one that is measured, and ones that are learned.

Between maps that change some numbers by what others are, the numbers are mixed: in another order,
and by a matrix that is learned as the product of two triangular ones (Kingma & Dhariwal 2018,
"Glow", arXiv 1807.03039; Durkan et al. 2019, section 3.2),

    z = L U x' + b,         log |det| = sum_i log U_ii,

x' being x in another order, L of ones on its diagonal, U of positive numbers.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .flow import Moved, Transform


class Whitening(Transform):
    """z = S^(-1/2) (x - mean) of a covariance S, in units in which its diagonal is 1: measured, not
    learned, in double precision. z keeps the places of x, as far as it can."""

    mean: Tensor
    matrix: Tensor
    back: Tensor
    log_det: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim, dtype=torch.float64))
        self.register_buffer("matrix", torch.eye(dim, dtype=torch.float64))
        self.register_buffer("back", torch.eye(dim, dtype=torch.float64))
        self.register_buffer("log_det", torch.zeros((), dtype=torch.float64))

    def fill(self, mean: Tensor, covariance: Tensor) -> None:
        """Of a ``covariance`` (D, D), positive definite, and a ``mean`` (D,), both double."""
        scale = covariance.diagonal().sqrt()
        variances, axes = torch.linalg.eigh(covariance / scale[:, None] / scale)
        roots = variances.sqrt()
        self.mean.copy_(mean)
        self.matrix.copy_(axes / roots @ axes.T / scale[:, None])
        self.back.copy_(axes * roots @ axes.T * scale)
        self.log_det.copy_(-(roots.log().sum() + scale.log().sum()))

    def forward(self, x: Tensor) -> Moved:
        with torch.autocast(x.device.type, enabled=False):
            z = (x - self.mean.to(x.dtype)) @ self.matrix.to(x.dtype)
            return Moved(z, self.log_det.to(x.dtype))

    def inverse(self, z: Tensor) -> Tensor:
        return z @ self.back.to(z.dtype) + self.mean.to(z.dtype)


class LULinear(Transform):
    """z = L U x[order] + b; x[order] at first."""

    order: Tensor
    back: Tensor
    one: Tensor

    def __init__(self, order: Tensor) -> None:
        super().__init__()
        dim = len(order)
        self.register_buffer("order", order)
        self.register_buffer("back", order.argsort())
        self.register_buffer("one", torch.eye(dim), persistent=False)
        self.triangles = nn.Parameter(torch.zeros(dim, dim))
        self.log_scale = nn.Parameter(torch.zeros(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Moved:
        with torch.autocast(x.device.type, enabled=False):
            lower, upper, bias = self._factors(x.dtype)
            z = F.linear(F.linear(x[:, self.order], upper), lower, bias)
            return Moved(z, self.log_scale.sum().to(x.dtype))

    def inverse(self, z: Tensor) -> Tensor:
        lower, upper, bias = self._factors(z.dtype)
        columns = torch.linalg.solve_triangular(lower, (z - bias).T, upper=False)
        x: Tensor = torch.linalg.solve_triangular(upper, columns, upper=True).T
        return x[:, self.back]

    def _factors(self, precision: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
        triangles, log_scale = self.triangles.to(precision), self.log_scale.to(precision)
        lower = triangles.tril(-1) + self.one.to(precision)
        return lower, triangles.triu(1) + log_scale.exp().diag(), self.bias.to(precision)
