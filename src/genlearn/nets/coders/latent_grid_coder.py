"""Coders whose codes are grids: each place of the code tells of its own part of the image, and the
same weights serve all places.

Down by convolutions of kernel 4 and stride 2, residual blocks at the coarsest grid, up again as in
`conv`; there is no dense layer, so a code keeps the geography of its image, and a network that
denoises images can denoise codes.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from .conv_coder import ConvBlock, padding

_FINEST = 16  # channels at full resolution, at least
_WIDEST = 4  # times the width, at most


def grid(shape: tuple[int, ...], downsamplings: int) -> tuple[int, int]:
    """Height and width of the codes of images (C, H, W)."""
    height, width = (
        side + more for side, more in zip(shape[1:], padding(shape, 2**downsamplings), strict=True)
    )
    return height >> downsamplings, width >> downsamplings


def channels_by_level(width: int, downsamplings: int) -> list[int]:
    """Channels after each halving."""
    return [min(width * 2**level, _WIDEST * width) for level in range(downsamplings)]


class GridEncoder(nn.Module):
    """(B, C, H, W) -> (B, channels * h * w), the numbers of all places for one channel after the
    other."""

    def __init__(
        self, shape: tuple[int, ...], channels: int, downsamplings: int, width: int, blocks: int
    ) -> None:
        super().__init__()
        self.pad, widths = padding(shape, 2**downsamplings), channels_by_level(width, downsamplings)
        layers: list[nn.Module] = []
        for a, b in zip((shape[0], *widths), widths, strict=False):
            layers += [nn.Conv2d(a, b, 4, 2, 1), nn.SiLU(), ConvBlock(b)]
        layers += [ConvBlock(widths[-1]) for _ in range(blocks)]
        self.layers = nn.Sequential(
            *layers, nn.SiLU(), nn.Conv2d(widths[-1], channels, 3, padding=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (0, self.pad[1], 0, self.pad[0]), mode="replicate") if any(self.pad) else x
        z: Tensor = self.layers(x)
        return z.flatten(1)


class GridDecoder(nn.Module):
    """(B, channels * h * w) -> (B, C, H, W)."""

    def __init__(
        self, shape: tuple[int, ...], channels: int, downsamplings: int, width: int, blocks: int
    ) -> None:
        super().__init__()
        self.shape = shape
        self.code = (channels, *grid(shape, downsamplings))
        widths = channels_by_level(width, downsamplings)[::-1]
        layers: list[nn.Module] = [
            nn.Conv2d(channels, widths[0], 3, padding=1),
            *(ConvBlock(widths[0]) for _ in range(blocks)),
        ]
        for a, b in zip(widths, (*widths[1:], max(_FINEST, width // 2)), strict=True):
            layers += [ConvBlock(a), nn.SiLU(), nn.ConvTranspose2d(a, b, 4, 2, 1)]
            last = b
        self.layers = nn.Sequential(*layers, nn.SiLU(), nn.Conv2d(last, shape[0], 3, padding=1))

    def forward(self, z: Tensor) -> Tensor:
        x: Tensor = self.layers(z.reshape(-1, *self.code))
        return x[..., : self.shape[1], : self.shape[2]]
