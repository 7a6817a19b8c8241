"""Dropout that does not depend on how many processes share a batch."""

from __future__ import annotations

from torch import Tensor, nn

from ...core.processes import uniform_rows


class Dropout(nn.Module):
    """In training, each number of x (B, ...) is 0 with probability ``p`` and x / (1 - p) otherwise:
    Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        return x * (uniform_rows(*x.shape, device=x.device) >= self.p) / (1 - self.p)
