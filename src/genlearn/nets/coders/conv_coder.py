"""Convolutional coders for images of any size and any number of channels.

Down by convolutions of kernel 4 and stride 2, up by transposed convolutions of the same shape:
because the stride divides the kernel, every output pixel is covered by the same number of kernel
taps, and no checkerboard appears (Odena et al. 2016, "Deconvolution and checkerboard artifacts"). A
last convolution at full resolution, of few channels, evens out what the taps learn differently.
Height and width are padded to a multiple of the total stride and cropped back. On two CPU cores,
work on the full-resolution grid dominates, so the first convolution halves it.
"""

from __future__ import annotations

import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

# the grid that the dense layer sees is at least this high and wide, where the image allows it
_SMALLEST = 4
_FINEST = 8  # channels at full resolution, at least


def widths(shape: tuple[int, ...], width: int) -> tuple[int, ...]:
    """Channels after each halving: as many halvings as leave a grid of `_SMALLEST`, at least one,
    the channels doubling up to 4x."""
    side, depth = min(shape[1:]), 1
    while side >> (depth + 1) >= _SMALLEST:
        depth += 1
    return tuple(width * min(2**level, 4) for level in range(depth))


def padding(shape: tuple[int, ...], stride: int) -> tuple[int, int]:
    """Rows and columns that are missing to a multiple of ``stride``."""
    return -shape[1] % stride, -shape[2] % stride


class ConvBlock(nn.Module):
    """x + conv3x3(silu(conv3x3(silu(x)))), the second convolution starting at zero."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.second(F.silu(self.first(F.silu(x))))
        return x + h


class ConvEncoder(nn.Module):
    """(B, C, H, W) -> (B, out)."""

    def __init__(self, shape: tuple[int, ...], out: int, width: int, blocks: int = 1) -> None:
        super().__init__()
        channels = widths(shape, width)
        self.pad = padding(shape, 2 ** len(channels))
        layers: list[nn.Module] = []
        for a, b in zip((shape[0], *channels), channels, strict=False):
            layers += [nn.Conv2d(a, b, 4, 2, 1), nn.SiLU()]
        layers += [ConvBlock(channels[-1]) for _ in range(blocks)]
        self.trunk = nn.Sequential(*layers)
        grid = [
            (side + more) >> len(channels) for side, more in zip(shape[1:], self.pad, strict=True)
        ]
        self.head = nn.Linear(channels[-1] * grid[0] * grid[1], out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (0, self.pad[1], 0, self.pad[0]), mode="replicate") if any(self.pad) else x
        y: Tensor = self.head(F.silu(self.trunk(x)).flatten(1))
        return y


class ConvDecoder(nn.Module):
    """(B, latent) -> (B, C, H, W)."""

    def __init__(self, latent: int, shape: tuple[int, ...], width: int, blocks: int = 1) -> None:
        super().__init__()
        self.shape = shape
        channels = widths(shape, width)[::-1]
        pad = padding(shape, 2 ** len(channels))
        self.grid = tuple(
            (side + more) >> len(channels) for side, more in zip(shape[1:], pad, strict=True)
        )
        self.stem = nn.Linear(latent, channels[0] * self.grid[0] * self.grid[1])
        layers: list[nn.Module] = [ConvBlock(channels[0]) for _ in range(blocks)]
        fine = max(_FINEST, width // 4)
        for a, b in zip(channels, (*channels[1:], fine), strict=True):
            layers += [nn.SiLU(), nn.ConvTranspose2d(a, b, 4, 2, 1)]
        self.trunk = nn.Sequential(*layers, nn.SiLU(), nn.Conv2d(fine, shape[0], 3, padding=1))

    def forward(self, z: Tensor) -> Tensor:
        y: Tensor = self.trunk(
            rearrange(self.stem(z), "b (h w c) -> b c h w", h=self.grid[0], w=self.grid[1])
        )
        return y[..., : self.shape[1], : self.shape[2]]
