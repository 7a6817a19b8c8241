"""What a denoising network is told beside its input: how much noise there is, and of which class the example is.

The noise is given as the logarithm of the ratio sigma/alpha, whatever the path: the same network serves every
path, and a network trained on one can teach another.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

_WAVES = 32  # sines and cosines of the logarithm of the ratio, from one turn over its whole range to a hundredth of it
_RANGE = 16.0


class Condition(nn.Module):
    """log ratio (B,) and labels (B,), ``classes`` where unknown -> (B, width).

    The label ``classes`` stands for "any": the one that is given when no class is asked for.
    """

    frequencies: Tensor

    def __init__(self, width: int, classes: int = 0) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.logspace(0, 2, _WAVES) * (2 * math.pi / _RANGE), persistent=False)
        self.noise = nn.Sequential(nn.Linear(2 * _WAVES, width), nn.SiLU(), nn.Linear(width, width))
        self.classes = classes
        self.label = nn.Embedding(classes + 1, width) if classes else None

    def forward(self, log_ratio: Tensor, label: Tensor | None = None) -> Tensor:
        turns = log_ratio[:, None] * self.frequencies
        e: Tensor = self.noise(torch.cat([turns.sin(), turns.cos()], 1))
        if self.label is not None:
            e = e + self.label(torch.full_like(log_ratio, self.classes, dtype=torch.long) if label is None else label)
        return nn.functional.silu(e)


class Modulation(nn.Module):
    """(B, width) -> ``parts`` tensors (B, channels), all zero at first: shifts, scales and gates (Peebles & Xie 2022, arXiv 2212.09748)."""

    def __init__(self, width: int, channels: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.linear = nn.Linear(width, parts * channels)
        zero(self.linear)

    def forward(self, e: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.linear(e).chunk(self.parts, 1))


def zero(layer: nn.Linear | nn.Conv2d) -> None:
    """Let ``layer`` start as the map to 0."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
