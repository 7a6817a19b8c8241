"""Encoder and decoder pairs by name, sized by one dial."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from ...core.errors import UserError
from ...core.estimator_types import Size
from ...core.spec import DataSpec
from ...foreign.huggingface import diffusers
from .autoencoder_kl import EXTRA, AutoencoderKLConfig, KLDecoder, KLEncoder
from .conv_coder import ConvDecoder, ConvEncoder
from .latent_grid_coder import GridDecoder, GridEncoder, channels_by_level, grid
from .mlp import Activation, MLPDecoder, MLPEncoder

Network = Literal["linear", "mlp", "conv", "grid", "autoencoder_kl"]
Scale = Literal["shared", "feature", "predicted"]
GRIDS = ("grid", "autoencoder_kl")  # whose codes are grids

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
        return grid(self.shape, self.downsamplings) if self.network in GRIDS else ()

    def encoder(self, out: int) -> nn.Module:
        """(B, *shape) -> (B, out); of autoencoder_kl they are means and logarithms of
        variances."""
        if self.network == "autoencoder_kl":
            return KLEncoder(self._autoencoder_kl(out // 2))
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
        """(B, latent) -> (B, outputs * shape[0], *shape[1:]); autoencoder_kl has one output."""
        if self.network == "autoencoder_kl":
            return KLDecoder(self._autoencoder_kl(latent))
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

    def _autoencoder_kl(self, latent: int) -> AutoencoderKLConfig:
        widths = channels_by_level(WIDTH[self.size], self.downsamplings)
        return AutoencoderKLConfig(
            self.shape,
            latent // math.prod(self.places),
            (widths[0], *widths),
            max(1, BLOCKS[self.size]),
            self.size in ("base", "large"),
        )

    @property
    def _layers(self) -> tuple[int, ...]:
        return () if self.network == "linear" else self.hidden or HIDDEN[self.size]


def default_network(shape: tuple[int, ...]) -> Network:
    """Convolutions for images, a perceptron for vectors and for images too small to halve."""
    return "conv" if len(shape) == 3 and min(shape[1:]) >= 4 else "mlp"


def check_network(network: str, downsamplings: int, spec: DataSpec) -> None:
    """Raise `UserError` for coders of images where there are none, or none that they halve, and
    for a library that is missing."""
    if network not in ("conv", *GRIDS):
        return
    if default_network(spec.shape) != "conv":
        raise UserError(
            f"network={network!r} needs images of at least 4x4; examples here have shape"
            f" {spec.user_shape}; take mlp or linear"
        )
    if network == "autoencoder_kl":
        _check_halves(spec, 2**downsamplings)
        with diffusers(EXTRA):
            pass  # it is there


def _check_halves(spec: DataSpec, stride: int) -> None:
    if any(side % stride for side in spec.shape[1:]):
        raise UserError(
            f"network='autoencoder_kl' halves images exactly, here into {stride} parts each way;"
            f" examples have shape {spec.user_shape}; take fewer downsamplings, or network='grid'"
        )


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
