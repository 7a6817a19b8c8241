"""Layers that a condition steers, all of which start as if there were none."""

from __future__ import annotations

from torch import Tensor, nn


class AdaLNModulation(nn.Module):
    """(B, width) -> ``parts`` tensors (B, channels), all zero at first: shifts, scales and gates
    (Peebles & Xie 2022, arXiv 2212.09748)."""

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
