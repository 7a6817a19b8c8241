"""Networks that denoise, sized by the one dial: (x_t, log ratio, label or caption) -> a tensor like
x_t."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from ...core.estimator_types import Size
from ..coders.autoencoder_nets import WIDTH
from .residual_mlp import ResidualMLP
from .transformer import Transformer
from .unet import UNet

DenoiserKind = Literal["unet", "transformer", "mlp"]

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
