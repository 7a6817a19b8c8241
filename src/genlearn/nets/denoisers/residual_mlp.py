"""A residual perceptron for denoising vectors: rows of a table, codes of an autoencoder."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..layers.adaln import AdaLNModulation, zero
from ..layers.conditioning import ConditionEmbedding, Conditioning


class ResidualBlock(nn.Module):
    """h + W2 silu(scale(e) W1 norm(h) + shift(e)), W2 starting at zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.modulation = AdaLNModulation(width, width, 2)
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)
        zero(self.second)

    def forward(self, h: Tensor, e: Tensor) -> Tensor:
        scale, shift = self.modulation(e)
        y: Tensor = h + self.second(
            F.silu(self.first(F.layer_norm(h, h.shape[1:])) * (1 + scale) + shift)
        )
        return y


class ResidualMLP(nn.Module):
    """x (B, *shape), log ratio (B,), label or caption -> (B, *shape), through ``depth`` blocks of
    ``width``, and past them by a linear map."""

    def __init__(
        self, shape: tuple[int, ...], width: int, depth: int, classes: int = 0, text: int = 0
    ) -> None:
        super().__init__()
        self.shape, dim = shape, math.prod(shape)
        self.condition = ConditionEmbedding(width, classes, text)
        self.stem = nn.Linear(dim, width)
        self.blocks = nn.ModuleList(ResidualBlock(width) for _ in range(depth))
        self.linear = AdaLNModulation(width, dim, 1)
        self.out = nn.Linear(width, dim)
        zero(self.out)

    def forward(self, x: Tensor, log_ratio: Tensor, given: Conditioning | None = None) -> Tensor:
        e, x = self.condition(log_ratio, given).e, x.flatten(1)
        h = self.stem(x)
        for block in self.blocks:
            h = block(h, e)
        (gain,) = self.linear(e)
        y: Tensor = self.out(F.silu(h)) + gain * x
        return torch.unflatten(y, 1, self.shape)

    @property
    def layers(self) -> dict[str, nn.Module]:
        return {f"block{number}": block for number, block in enumerate(self.blocks)}

    def as_map(self, h: Tensor) -> Tensor:
        return h
