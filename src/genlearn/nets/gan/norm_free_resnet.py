"""Residual networks without norms, for both players of a game (Huang et al. 2025, "The GAN is dead;
long live the GAN!", arXiv 2501.05441).

A norm couples the examples of a batch or the pixels of an image, which a penalty on gradients has
to see through; here every block starts as the identity instead, its last convolution at zero (Zhang
et al. 2019, "Fixup initialization", arXiv 1901.09321), so that depth needs no norm. Images are
enlarged and reduced by filters, not by strides, and 2x2 pixels are folded into channels, where a
small network spends its time best. The paper's blocks widen, convolve in groups and narrow again; a
plain block of two convolutions, the default here, is several times as fast on a CPU.

Height and width are padded to what folding and halving divide, and cropped back.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..coders.conv_coder import padding, widths
from ..layers.adaln import zero

_SLOPE = 0.2
_GROUP, _WIDER = 8, 2  # channels in a group, and how much wider a grouped block is inside


class ResBlock(nn.Module):
    """x + conv3x3(a(conv3x3(a(x)))), a: leaky ReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.last = nn.Conv2d(channels, channels, 3, padding=1)
        _start(self.first)
        zero(self.last)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.last(_active(self.first(_active(x))))
        return y


class GroupedResBlock(nn.Module):
    """x + conv1x1(a(conv3x3(a(conv1x1(x))))), twice as wide inside, where the convolution is in
    groups of 8 channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inside = _WIDER * channels
        self.first = nn.Conv2d(channels, inside, 1)
        self.middle = nn.Conv2d(inside, inside, 3, padding=1, groups=max(1, inside // _GROUP))
        self.last = nn.Conv2d(inside, channels, 1, bias=False)
        _start(self.first, self.middle)
        zero(self.last)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.last(_active(self.middle(_active(self.first(x)))))
        return y


class NormFreeGenerator(nn.Module):
    """z (B, latent) -> (B, C, H, W), through ``blocks`` on each grid."""

    def __init__(
        self,
        latent: int,
        shape: tuple[int, ...],
        width: int,
        blocks: int = 1,
        grouped: bool = False,
    ) -> None:
        super().__init__()
        channels, self.shape = widths(shape, width)[::-1], shape
        pad = padding(shape, 2 ** len(channels))
        self.grid = tuple(
            (side + more) >> len(channels) for side, more in zip(shape[1:], pad, strict=True)
        )
        self.stem = nn.Linear(latent, channels[0] * math.prod(self.grid))
        layers: list[nn.Module] = [*_level(channels[0], blocks, grouped)]
        for a, b in pairwise(channels):
            layers += [
                nn.Conv2d(a, b, 1),
                nn.Upsample(scale_factor=2.0, mode="bilinear"),
                *_level(b, blocks, grouped),
            ]
        self.trunk = nn.Sequential(
            *layers, nn.LeakyReLU(_SLOPE), nn.Conv2d(channels[-1], 4 * shape[0], 3, padding=1)
        )

    def forward(self, z: Tensor) -> Tensor:
        h = torch.unflatten(self.stem(z), 1, (-1, *self.grid)).contiguous(
            memory_format=torch.channels_last
        )
        y: Tensor = F.pixel_shuffle(self.trunk(h), 2)
        return y[..., : self.shape[1], : self.shape[2]]


class NormFreeDiscriminator(nn.Module):
    """x (B, C, H, W) -> (B, out), through ``blocks`` on each grid."""

    def __init__(
        self, shape: tuple[int, ...], out: int, width: int, blocks: int = 1, grouped: bool = False
    ) -> None:
        super().__init__()
        channels = widths(shape, width)
        self.pad = padding(shape, 2 ** len(channels))
        grid = [
            (side + more) >> len(channels) for side, more in zip(shape[1:], self.pad, strict=True)
        ]
        layers: list[nn.Module] = [
            nn.Conv2d(4 * shape[0], channels[0], 3, padding=1),
            *_level(channels[0], blocks, grouped),
        ]
        for a, b in pairwise(channels):
            layers += [nn.AvgPool2d(2), nn.Conv2d(a, b, 1), *_level(b, blocks, grouped)]
        self.trunk = nn.Sequential(*layers, nn.LeakyReLU(_SLOPE))
        self.head = nn.Linear(channels[-1] * math.prod(grid), out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (0, self.pad[1], 0, self.pad[0]), mode="replicate") if any(self.pad) else x
        h = self.trunk(F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last))
        y: Tensor = self.head(h.flatten(1))
        return y


def _level(channels: int, blocks: int, grouped: bool) -> list[nn.Module]:
    return [GroupedResBlock(channels) if grouped else ResBlock(channels) for _ in range(blocks)]


def _active(x: Tensor) -> Tensor:
    return F.leaky_relu(x, _SLOPE)


def _start(*layers: nn.Conv2d) -> None:
    for layer in layers:
        nn.init.kaiming_normal_(layer.weight, _SLOPE)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
