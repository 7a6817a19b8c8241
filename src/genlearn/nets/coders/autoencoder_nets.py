"""Encoder and decoder pairs by name, sized by one dial."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from ...core.estimator_types import Size
from .conv_coder import ConvDecoder, ConvEncoder
from .latent_grid_coder import GridDecoder, GridEncoder, grid
from .mlp import Activation, MLPDecoder, MLPEncoder

Network = Literal["linear", "mlp", "conv", "grid"]
Scale = Literal["shared", "feature", "predicted"]

HIDDEN: dict[Size, tuple[int, ...]] = {
    "tiny": (128,),
    "small": (256, 256),
    "base": (512, 512),
    "large": (1024, 1024, 1024),
}
WIDTH: dict[Size, int] = {"tiny": 16, "small": 32, "base": 64, "large": 128}
BLOCKS: dict[Size, int] = {"tiny": 0, "small": 1, "base": 2, "large": 3}


@dataclass(frozen=True)
class CoderConfig:
    """A design for encoders of x (B, *shape) and decoders to it; ``hidden`` overrides the dial for
    the perceptron. Codes that are grids are half as high and wide as images, ``downsamplings``
    times over."""

    shape: tuple[int, ...]
    network: Network
    size: Size
    hidden: tuple[int, ...] | None = None
    activation: Activation = "silu"
    downsamplings: int = 2

    @property
    def places(self) -> tuple[int, ...]:
        """Height and width of codes that are grids; nothing for others."""
        return grid(self.shape, self.downsamplings) if self.network == "grid" else ()

    def encoder(self, out: int) -> nn.Module:
        """(B, *shape) -> (B, out)."""
        if self.network == "grid":
            return GridEncoder(
                self.shape,
                out // math.prod(self.places),
                self.downsamplings,
                WIDTH[self.size],
                BLOCKS[self.size],
            )
        if self.network == "conv":
            return ConvEncoder(self.shape, out, WIDTH[self.size], BLOCKS[self.size])
        return MLPEncoder(self.shape, out, self._layers, self.activation)

    def decoder(self, latent: int, outputs: int = 1) -> nn.Module:
        """(B, latent) -> (B, outputs * shape[0], *shape[1:])."""
        shape = (outputs * self.shape[0], *self.shape[1:])
        if self.network == "grid":
            return GridDecoder(
                shape,
                latent // math.prod(self.places),
                self.downsamplings,
                WIDTH[self.size],
                BLOCKS[self.size],
            )
        if self.network == "conv":
            return ConvDecoder(latent, shape, WIDTH[self.size], BLOCKS[self.size])
        return MLPDecoder(latent, shape, self._layers[::-1], self.activation)

    def scaled_decoder(self, latent: int, scale: Scale) -> ScaledDecoder:
        """(B, latent) -> mean and log_scale."""
        return ScaledDecoder(
            self.decoder(latent, 2 if scale == "predicted" else 1), self.shape, scale
        )

    @property
    def _layers(self) -> tuple[int, ...]:
        return () if self.network == "linear" else self.hidden or HIDDEN[self.size]


def default_network(shape: tuple[int, ...]) -> Network:
    """Convolutions for images, a perceptron for vectors and for images too small to halve."""
    return "conv" if len(shape) == 3 and min(shape[1:]) >= 4 else "mlp"


class ScaledDecoder(nn.Module):
    """A decoder that also says how far x may lie from its mean: (B, latent) -> mean, log_scale.

    ``shared``: one learned number; ``feature``: one for each number of x; ``predicted``: the
    network's own second output.
    """

    def __init__(self, decoder: nn.Module, shape: tuple[int, ...], scale: Scale) -> None:
        super().__init__()
        self.decoder = decoder
        self.channels = shape[0] if scale == "predicted" else None
        if self.channels is None:
            free = (1,) * len(shape) if scale == "shared" else shape
            self.log_scale = nn.Parameter(torch.full(free, -1.0))

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        y: Tensor = self.decoder(z)
        if self.channels is None:
            return y, self.log_scale
        return y[:, : self.channels], y[:, self.channels :] - 1.0
