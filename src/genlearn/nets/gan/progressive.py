"""Networks that grow with the training, from a few pixels to the whole image (Karras et al. 2017,
arXiv 1710.10196, section 2 and appendix A).

All grids are there from the start, and those not reached yet rest. ``grown`` says how far growth
has come: 1.25 is a third grid, a quarter of which is faded in, the rest being the second one
enlarged. In training, images have the size of the finest grid that has begun; outside, samples are
enlarged to their full size and examples reduced to the grid.

As elsewhere here, 2x2 pixels are folded into channels: from the second grid on, networks compute on
half of its height and width.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..coders.conv_coder import padding, widths
from ..layers.equalized_lr import GAIN, EqualConv2d, EqualLinear, MinibatchDeviation, PixelNorm

_SLOPE = 0.2


def grids(shape: tuple[int, ...], width: int) -> tuple[tuple[int, ...], tuple[int, int]]:
    """Channels for each grid, from the coarsest, and the height and width of the coarsest; each
    next one is twice as large."""
    channels = widths(shape, width)[::-1]
    pad = padding(shape, 2 ** len(channels))
    height, breadth = (
        (side + more) >> len(channels) for side, more in zip(shape[1:], pad, strict=True)
    )
    return (channels[0], *channels), (height, breadth)


class ProgressiveNetwork(nn.Module):
    """What both players know of growth: ``finest``, the number of the last grid, and ``grown``,
    from 0 to it."""

    grown: Tensor

    def __init__(self, finest: int) -> None:
        super().__init__()
        self.finest = finest
        self.register_buffer("grown", torch.tensor(float(finest)))

    @property
    def level(self) -> int:
        """The finest grid that has begun."""
        return math.ceil(float(self.grown))

    @property
    def fading(self) -> float:
        """How much of it is faded in, in (0, 1]."""
        return 1.0 + float(self.grown) - self.level


class ProgressiveGenerator(ProgressiveNetwork):
    """Codes (B, code) -> samples (B, C, H, W); pixel norm after each convolution."""

    def __init__(self, code: int, shape: tuple[int, ...], width: int) -> None:
        channels, start = grids(shape, width)
        super().__init__(len(channels) - 1)
        self.shape = shape
        first = channels[0]
        stem = EqualLinear(code, first * math.prod(start), GAIN)
        self.levels = nn.ModuleList(
            [
                nn.Sequential(
                    PixelNorm(),
                    stem,
                    nn.Unflatten(1, (first, *start)),
                    *_settled(),
                    *_convolved(first, first),
                )
            ]
        )
        for level, (a, b) in enumerate(pairwise(channels)):
            enlarged = [nn.Upsample(scale_factor=2.0)] if level else []
            self.levels.append(nn.Sequential(*enlarged, *_convolved(a, b), *_convolved(b, b)))
        self.colours = nn.ModuleList([EqualConv2d(first, shape[0], 1, gain=1.0)])
        self.colours.extend(
            nn.Sequential(EqualConv2d(b, 4 * shape[0], 3, gain=1.0), nn.PixelShuffle(2))
            for b in channels[1:]
        )

    def forward(self, code: Tensor) -> Tensor:
        level, h = self.level, self.levels[0](code)
        for finer in self.levels[1:level]:
            h = finer(h)
        x: Tensor = self.colours[max(0, level - 1)](h)
        if level:
            x = torch.lerp(
                F.interpolate(x, scale_factor=2.0),
                self.colours[level](self.levels[level](h)),
                self.fading,
            )
        if self.training:
            return x
        return F.interpolate(x, scale_factor=2.0 ** (self.finest - level))[
            ..., : self.shape[1], : self.shape[2]
        ]


class ProgressiveDiscriminator(ProgressiveNetwork):
    """x (B, C, H, W) -> (B, out); with the deviation of the minibatch on the coarsest grid."""

    def __init__(self, shape: tuple[int, ...], out: int, width: int) -> None:
        channels, start = grids(shape, width)
        super().__init__(len(channels) - 1)
        self.pad = padding(shape, 2**self.finest)
        first = channels[0]
        self.colours = nn.ModuleList(
            [nn.Sequential(EqualConv2d(shape[0], first, 1), nn.LeakyReLU(_SLOPE))]
        )
        self.levels = nn.ModuleList()
        for level, (a, b) in enumerate(pairwise(channels)):
            self.colours.append(
                nn.Sequential(
                    nn.PixelUnshuffle(2), EqualConv2d(4 * shape[0], b, 3), nn.LeakyReLU(_SLOPE)
                )
            )
            reduced = [nn.AvgPool2d(2)] if level else []
            self.levels.append(
                nn.Sequential(
                    EqualConv2d(b, b, 3),
                    nn.LeakyReLU(_SLOPE),
                    EqualConv2d(b, a, 3),
                    nn.LeakyReLU(_SLOPE),
                    *reduced,
                )
            )
        last = [
            MinibatchDeviation(),
            EqualConv2d(first + 1, first, 3),
            nn.LeakyReLU(_SLOPE),
            nn.Flatten(),
        ]
        cells = first * math.prod(start)
        self.head = nn.Sequential(
            *last, EqualLinear(cells, first, GAIN), nn.LeakyReLU(_SLOPE), EqualLinear(first, out)
        )

    def forward(self, x: Tensor) -> Tensor:
        level, x = self.level, x if self.training else self.reduced(x)
        h = self.colours[level](x)
        if level:
            h = torch.lerp(
                self.colours[level - 1](F.avg_pool2d(x, 2)), self.levels[level - 1](h), self.fading
            )
        for coarser in self.levels[: max(0, level - 1)][::-1]:
            h = coarser(h)
        y: Tensor = self.head(h)
        return y

    def reduced(self, x: Tensor) -> Tensor:
        """Examples on the finest grid that has begun."""
        x = F.pad(x, (0, self.pad[1], 0, self.pad[0]), mode="replicate") if any(self.pad) else x
        return F.avg_pool2d(x, 2 ** (self.finest - self.level))

    def faded(self, x: Tensor) -> Tensor:
        """The same, as far as its detail is faded in: data are to be no sharper than samples can
        be."""
        x = self.reduced(x)
        return (
            torch.lerp(F.interpolate(F.avg_pool2d(x, 2), scale_factor=2.0), x, self.fading)
            if self.level
            else x
        )


def _convolved(a: int, b: int) -> list[nn.Module]:
    return [EqualConv2d(a, b, 3), *_settled()]


def _settled() -> list[nn.Module]:
    return [nn.LeakyReLU(_SLOPE), PixelNorm()]
