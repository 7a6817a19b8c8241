"""Networks that denoise, sized by the one dial: (x_t, log ratio, label or caption) -> a tensor like
x_t; of a foreign library: (x_t, timestep, label)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Literal

from torch import nn

from ...core.errors import UserError
from ...core.estimator_types import Size
from ...core.spec import DataSpec, FeatureMapSpec, ImageSpec
from ...foreign.huggingface import diffusers
from ..coders.autoencoder_nets import WIDTH
from .residual_mlp import ResidualMLP
from .transformer import Transformer
from .unet import UNet
from .unet2d import EXTRA, UNet2D

DenoiserKind = Literal["unet", "transformer", "mlp", "unet2d"]
# networks of another library, in its units: images from -1 to 1 as they are, levels by timesteps
FOREIGN = ("unet2d",)

BLOCKS: dict[Size, int] = {"tiny": 1, "small": 1, "base": 2, "large": 3}
TRANSFORMER: dict[Size, tuple[int, int]] = {
    "tiny": (64, 3),
    "small": (128, 4),
    "base": (256, 8),
    "large": (512, 12),
}
PERCEPTRON: dict[Size, tuple[int, int]] = {
    "tiny": (64, 2),
    "small": (256, 3),
    "base": (512, 4),
    "large": (1024, 6),
}
# the coarsest grid of a U-Net is at least this high and wide, where the image allows it
_COARSEST = 4


@dataclass(frozen=True)
class DenoiserConfig:
    """A network for x (B, *shape), and for ``classes`` classes or captions of ``text`` numbers a
    token (0: none)."""

    shape: tuple[int, ...]
    network: DenoiserKind
    size: Size
    width: int | None = None
    classes: int = 0
    text: int = 0

    def build(self) -> nn.Module:
        """The network; ``width`` overrides the dial."""
        if self.network == "unet":
            return UNet(
                self.shape,
                self._levels(),
                BLOCKS[self.size],
                self.size in ("base", "large"),
                self.classes,
                self.text,
            )
        if self.network == "unet2d":
            widths = (self._levels()[0], *self._levels())[: 1 + _halvings(self.shape)]
            attention = self.size in ("base", "large")
            return UNet2D(self.shape, widths, BLOCKS[self.size], attention, self.classes)
        width, depth = (TRANSFORMER if self.network == "transformer" else PERCEPTRON)[self.size]
        if self.network == "transformer":
            return Transformer(
                self.shape,
                self.width or width,
                depth,
                4 if min(self.shape[1:]) >= 16 else 2,
                self.classes,
                self.text,
            )
        return ResidualMLP(self.shape, self.width or width, depth, self.classes, self.text)

    def _levels(self) -> tuple[int, ...]:
        """Channels of the levels: w, 2w, 4w, 4w..., as many as the image allows, at most four."""
        width, side = self.width or WIDTH[self.size], min(self.shape[1:]) // 2
        levels = 1
        while levels < 4 and side >> levels >= _COARSEST:
            levels += 1
        return tuple(width * min(2**level, 4) for level in range(levels))


def default_network(shape: tuple[int, ...]) -> DenoiserKind:
    """A U-Net for images, a perceptron for vectors and for images too small to halve."""
    return "unet" if len(shape) == 3 and min(shape[1:]) >= 4 else "mlp"


def check_network(
    network: Literal["auto"] | DenoiserKind, width: int | None, spec: DataSpec, captions: bool
) -> None:
    """Raise `UserError` for a ``network`` that does not suit examples of ``spec``, learned with
    ``captions`` or without, and for a library that is missing."""
    if network in ("unet", "transformer") and default_network(spec.shape) == "mlp":
        raise UserError(
            f"network={network!r} needs images of at least 4x4; examples here have shape"
            f" {spec.user_shape}; take mlp"
        )
    if network == "transformer" and (width or 32) % 32:
        raise UserError(
            f"width={width} was given; a transformer's width is a multiple of 32, one head for each"
        )
    if network in FOREIGN:
        _check_foreign(network, spec, captions)


def _check_foreign(network: str, spec: DataSpec, captions: bool) -> None:
    images = isinstance(spec, ImageSpec | FeatureMapSpec) and default_network(spec.shape) == "unet"
    if not images or not _halvings(spec.shape):
        raise UserError(
            f"network={network!r} halves images exactly, of at least 4x4; examples here have shape"
            f" {spec.user_shape}; take another network"
        )
    if captions:
        raise UserError(
            f"network={network!r} reads no captions; take condition='none', or another network"
        )
    with diffusers(EXTRA):
        pass  # it is there


def _halvings(shape: tuple[int, ...]) -> int:
    """How often height and width can be halved."""
    height, width = shape[1:]
    return next(times for times in count() if height % 2 ** (times + 1) or width % 2 ** (times + 1))
