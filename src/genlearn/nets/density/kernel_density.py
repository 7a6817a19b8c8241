r"""A Gaussian kernel on each of M centres: p(x) = 1/M sum_j N(x; c_j, diag(v)).

For cells of variance ``cell`` (see `subspace`) every squared distance, in units of v, grows by
sum_i cell / v_i, which gives a lower bound.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class KernelDensity(nn.Module):
    """c: ``centres`` (M, D), float32 as the data is; v: ``variances`` (D,), double, as is all that
    is computed."""

    centres: Tensor
    variances: Tensor

    def __init__(self, count: int, dim: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.zeros(count, dim))
        self.register_buffer("variances", torch.ones(dim, dtype=torch.float64))

    def forward(self, eps: Tensor, choice: Tensor) -> Tensor:
        """Draws from standard normals (B, D) and uniforms (B,)."""
        centre = (choice.double() * len(self.centres)).long().clamp(max=len(self.centres) - 1)
        return self.centres[centre] + self.variances.sqrt() * eps.double()

    def log_prob(self, x: Tensor, cell: float = 0.0) -> Tensor:
        """log p(x), or its bound for cells of variance ``cell``: (B, D) -> (B,)."""
        scale = self.variances.sqrt()
        squares = (
            squared_distances(x.double() / scale, self.centres.double() / scale)
            + cell * (1 / self.variances).sum()
        )
        log_volume = scale.log().sum() + 0.5 * len(scale) * math.log(2 * math.pi)
        return torch.logsumexp(-squares / 2, 1) - log_volume - math.log(len(self.centres))


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """||a_i - b_j||^2: (n, D), (m, D) -> (n, m)."""
    return (a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T).clamp(min=0)
