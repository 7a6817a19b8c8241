"""Players for rows of a table (Huang et al. 2025 say nothing of these).

A perceptron that has to stretch a cloud of noise over far clusters leaves some of them out. This
one adds its answer to a linear map of z, and starts with an answer of zero: the first samples are
normal, with the means and scales of the data, which the table was standardised by. They lie about
all clusters from the start, and have to move little.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from ..coders.mlp import mlp
from ..layers.adaln import zero


class TabularGenerator(nn.Module):
    """z (B, code) -> A z + f(z), (B, *shape); f starts as 0, A with orthonormal rows, so that A z ~
    N(0, I) where z is."""

    def __init__(self, code: int, shape: tuple[int, ...], hidden: tuple[int, ...]) -> None:
        super().__init__()
        self.shape, dim = shape, math.prod(shape)
        self.linear = nn.Linear(code, dim, bias=False)
        nn.init.orthogonal_(self.linear.weight)
        self.net = mlp((code, *hidden, dim), "leaky_relu")
        zero(self.net[-1])  # type: ignore[arg-type]

    def forward(self, z: Tensor) -> Tensor:
        x: Tensor = self.linear(z) + self.net(z)
        return x.reshape(-1, *self.shape)
