"""Convolutional players (Radford et al. 2015, arXiv 1511.06434): strides instead of pooling, batch
norm nearly everywhere, weights from N(0, 0.02^2).

Both are lists of stages, so that two networks can share some of them. Height and width are padded
to what the strides divide, and cropped back.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from ..coders.conv_coder import padding, widths
from ..layers.batch_norm import BatchNorm2d

_SLOPE = 0.2
_STD = 0.02


class Crop(nn.Module):
    """(..., H', W') -> (..., H, W)."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.height, self.width = height, width

    def forward(self, x: Tensor) -> Tensor:
        return x[..., : self.height, : self.width]


class Pad(nn.Module):
    """(..., H, W) -> (..., H + rows, W + columns), by repeating the edge."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.rows, self.columns = rows, columns

    def forward(self, x: Tensor) -> Tensor:
        return (
            F.pad(x, (0, self.columns, 0, self.rows), mode="replicate")
            if self.rows or self.columns
            else x
        )


def generator_stages(code: int, shape: tuple[int, ...], width: int) -> list[nn.Module]:
    """(B, code) -> (B, *shape) in [-1, 1]: a stage for each grid, from the coarsest."""
    channels = (*widths(shape, width)[::-1], shape[0])
    pad = padding(shape, 2 ** (len(channels) - 1))
    grid = tuple(
        (side + more) >> (len(channels) - 1) for side, more in zip(shape[1:], pad, strict=True)
    )
    cells = channels[0] * math.prod(grid)
    stages = [
        nn.Sequential(
            nn.Linear(code, cells, bias=False),
            nn.Unflatten(1, (channels[0], *grid)),
            BatchNorm2d(channels[0]),
            nn.ReLU(),
        )
    ]
    for a, b in pairwise(channels[:-1]):
        stages.append(
            nn.Sequential(nn.ConvTranspose2d(a, b, 4, 2, 1, bias=False), BatchNorm2d(b), nn.ReLU())
        )
    stages.append(
        nn.Sequential(
            nn.ConvTranspose2d(channels[-2], channels[-1], 4, 2, 1), Crop(*shape[1:]), nn.Tanh()
        )
    )
    return [_started(stage) for stage in stages]


def discriminator_stages(shape: tuple[int, ...], out: int, width: int) -> list[nn.Module]:
    """(B, *shape) -> (B, out): a stage for each grid, from the finest; no norm in the first."""
    channels = widths(shape, width)
    pad = padding(shape, 2 ** len(channels))
    cells = channels[-1] * math.prod(
        (side + more) >> len(channels) for side, more in zip(shape[1:], pad, strict=True)
    )
    stages = [
        nn.Sequential(Pad(*pad), nn.Conv2d(shape[0], channels[0], 4, 2, 1), nn.LeakyReLU(_SLOPE))
    ]
    for a, b in pairwise(channels):
        stages.append(
            nn.Sequential(
                nn.Conv2d(a, b, 4, 2, 1, bias=False), BatchNorm2d(b), nn.LeakyReLU(_SLOPE)
            )
        )
    stages.append(nn.Sequential(nn.Flatten(), nn.Linear(cells, out)))
    return [_started(stage) for stage in stages]


def _started(stage: nn.Module) -> nn.Module:
    for layer in stage.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(layer.weight, std=_STD)
    return stage
