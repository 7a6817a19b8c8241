r"""Networks that are told at every layer which style to draw in (Karras et al. 2018, arXiv
1812.04948; 2019, arXiv 1912.04958).

A *mapping* turns the code into a style w, which need not be normally distributed; the *synthesis*
starts from a learned constant, and each of its convolutions is modulated by w: coarse layers decide
the form, fine ones the surface. What is left to chance, the place of a freckle, comes as noise at
each pixel.

Modulation scales the input channels of a convolution by s(w), demodulation its outputs to unit
variance: with weights W the convolution in effect is s_i W_oi / sqrt(sum (s_i W_oi)^2), a different
one for each example. As both are scales of channels, one convolution with the common W between them
is the same, and many times as fast as a convolution for each example.

As elsewhere here, 2x2 pixels are folded into channels, and sides are padded to what halvings
divide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core.processes import noise_like, normal_rows
from ..coders.conv_coder import padding, widths
from ..coders.mlp import mlp
from ..layers.equalized_lr import GAIN, EqualConv2d, EqualLinear, MinibatchDeviation, PixelNorm

_SLOPE = 0.2
_MAPPING_RATE = 0.01  # of the learning rate: Karras et al. 2018, section 4
_MEMORY = 0.995  # of the average style: Karras et al. 2018, appendix B
_MIXED = 0.9  # share of training samples with two styles: ibid., section 3.1

Noise = Sequence[Tensor]


class MappingNetwork(nn.Sequential):
    """Codes (B, code) -> styles (B, width), through ``depth`` layers."""

    def __init__(self, code: int, width: int, depth: int) -> None:
        layers: list[nn.Module] = [PixelNorm()]
        for a, b in pairwise((code, *[width] * depth)):
            layers += [EqualLinear(a, b, GAIN, _MAPPING_RATE), nn.LeakyReLU(_SLOPE)]
        super().__init__(*layers)


class ModulatedConv2d(nn.Module):
    """x (B, a, H, W) and styles (B, width) -> (B, b, H, W): a convolution whose weights the style
    scales, and demodulates if asked to."""

    def __init__(self, a: int, b: int, kernel: int, width: int, demodulate: bool = True) -> None:
        super().__init__()
        self.convolution = EqualConv2d(a, b, kernel, gain=1.0)
        self.style = EqualLinear(width, a, bias=1.0)
        self.demodulate = demodulate

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        s, weight = self.style(w), self.convolution.weight * self.convolution.scale
        y = F.conv2d(x * s[:, :, None, None], weight, padding=weight.shape[-1] // 2)
        if self.demodulate:
            y = y * (s.square() @ weight.square().sum((2, 3)).T + 1e-8).rsqrt()[:, :, None, None]
        return y + self.convolution.bias.to(y.dtype)[:, None, None]


class StyledLayer(nn.Module):
    """a(Modulated(x, w) + strength noise), a: leaky rectifier; ``noise`` (B, 1, H, W), fresh in
    training, none where it is not given."""

    def __init__(self, a: int, b: int, width: int) -> None:
        super().__init__()
        self.modulated = ModulatedConv2d(a, b, 3, width)
        self.strength = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, w: Tensor, noise: Tensor | None) -> Tensor:
        x = self.modulated(x, w)
        if noise is None and self.training:
            noise = normal_rows(len(x), 1, *x.shape[2:], device=x.device)
        if noise is not None:
            x = x + self.strength * noise.to(x.dtype)
        return F.leaky_relu(x, _SLOPE) * GAIN


class Synthesis(nn.Module):
    """Styles (B, layers, width) and noise for each layer -> (B, C, H, W)."""

    def __init__(self, shape: tuple[int, ...], channels: int, width: int) -> None:
        super().__init__()
        grids, self.shape = widths(shape, channels)[::-1], shape
        pad = padding(shape, 2 ** len(grids))
        start = tuple(
            (side + more) >> len(grids) for side, more in zip(shape[1:], pad, strict=True)
        )
        self.constant = nn.Parameter(torch.randn(grids[0], *start))
        self.steps = nn.ModuleList([StyledLayer(grids[0], grids[0], width)])
        for a, b in pairwise(grids):
            self.steps += [StyledLayer(a, b, width), StyledLayer(b, b, width)]
        self.colour = ModulatedConv2d(grids[-1], 4 * shape[0], 3, width, demodulate=False)
        sizes = [tuple(side << level for side in start) for level in range(len(grids))]
        self.noise_shapes = [
            (1, *size) for level, size in enumerate(sizes) for _ in range(2 if level else 1)
        ]
        self.layers = len(self.steps)

    def forward(self, styles: Tensor, noise: Noise | None = None) -> Tensor:
        each = [None] * self.layers if noise is None else list(noise)
        x = self.constant.expand(styles.shape[0], *self.constant.shape).contiguous(
            memory_format=torch.channels_last
        )
        for layer, step in enumerate(self.steps):
            x = step(_enlarged(x) if layer % 2 else x, styles[:, layer], each[layer])
        image = self.colour(x, styles[:, -1])
        return F.pixel_shuffle(image, 2)[..., : self.shape[1], : self.shape[2]]


class TabularSynthesis(nn.Module):
    """Styles (B, 1, width) -> (B, *shape), by a perceptron."""

    layers = 1
    noise_shapes: Sequence[tuple[int, ...]] = ()

    def __init__(self, shape: tuple[int, ...], hidden: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.shape, self.net = shape, mlp((width, *hidden, math.prod(shape)), "leaky_relu")

    def forward(self, styles: Tensor, noise: Noise | None = None) -> Tensor:
        x: Tensor = self.net(styles[:, 0])
        return x.reshape(-1, *self.shape)


class StyleGenerator(nn.Module):
    """Codes of ``noises`` normal numbers and a class -> samples; ``average``: the mean style.

    In training, most samples have the style of another noise from a random layer on, so that layers
    do not learn to rely on each other.
    """

    average: Tensor

    def __init__(
        self,
        mapping: MappingNetwork,
        synthesis: Synthesis | TabularSynthesis,
        width: int,
        noises: int,
    ) -> None:
        super().__init__()
        self.mapping, self.synthesis, self.noises = mapping, synthesis, noises
        self.register_buffer("average", torch.zeros(width))

    def forward(
        self,
        code: Tensor,
        other: Tensor | None = None,
        crossover: int | None = None,
        truncation: float = 1.0,
        noise: Noise | None = None,
        with_styles: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``other``: codes whose style counts from layer ``crossover`` on; ``truncation``: psi, of
        w <- average + psi (w - average). ``with_styles``: samples of one style each, and these
        styles, by which they can be differentiated."""
        if with_styles:
            # as they are returned in float32, so that they are what the samples depend on
            styles = self.styles(code).float()
            return self.synthesis(styles, noise), styles
        styles = self._trained(code) if self.training else self.styles(code, other, crossover)
        if truncation != 1.0:
            styles = self.average + truncation * (styles - self.average)
        x: Tensor = self.synthesis(styles, noise)
        return x

    def styles(
        self, code: Tensor, other: Tensor | None = None, crossover: int | None = None
    ) -> Tensor:
        """(B, layers, width)."""
        styles: Tensor = self.mapping(code)[:, None].expand(-1, self.synthesis.layers, -1)
        if other is not None and crossover is not None:
            late = torch.arange(self.synthesis.layers, device=code.device)[:, None] >= crossover
            styles = torch.where(late, self.mapping(other)[:, None], styles)
        return styles

    def _trained(self, code: Tensor) -> Tensor:
        """Styles for training; the average is kept."""
        other = torch.cat([noise_like(code[:, : self.noises]), code[:, self.noises :]], 1)
        mixed = float(torch.rand(())) < _MIXED
        crossover = (
            int(torch.randint(1, self.synthesis.layers, ()))
            if mixed and self.synthesis.layers > 1
            else None
        )
        styles = self.styles(code, other, crossover)
        self.average.lerp_(styles[:, 0].detach().float().mean(0), 1 - _MEMORY)
        return styles


class ResDownBlock(nn.Module):
    """(B, a, H, W) -> (B, b, H/2, W/2)."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.first = EqualConv2d(a, a, 3)
        self.second = EqualConv2d(a, b, 3)
        self.past = EqualConv2d(a, b, 1, gain=1.0)

    def forward(self, x: Tensor) -> Tensor:
        y = F.leaky_relu(self.second(F.avg_pool2d(F.leaky_relu(self.first(x), _SLOPE), 2)), _SLOPE)
        sum_: Tensor = (y + self.past(F.avg_pool2d(x, 2))) / math.sqrt(2)
        return sum_


class StyleDiscriminator(nn.Module):
    """x (B, C, H, W) -> (B, out): residual, with the deviation of the minibatch before its last
    convolution."""

    def __init__(self, shape: tuple[int, ...], out: int, width: int) -> None:
        super().__init__()
        channels = widths(shape, width)
        self.pad = padding(shape, 2 ** len(channels))
        cells = math.prod(
            (side + more) >> len(channels) for side, more in zip(shape[1:], self.pad, strict=True)
        )
        last = channels[-1]
        self.stem = EqualConv2d(4 * shape[0], channels[0], 3)
        self.trunk = nn.Sequential(
            *(ResDownBlock(a, b) for a, b in pairwise(channels)),
            MinibatchDeviation(),
            EqualConv2d(last + 1, last, 3),
        )
        self.head = nn.Sequential(
            EqualLinear(last * cells, last, GAIN), nn.LeakyReLU(_SLOPE), EqualLinear(last, out)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (0, self.pad[1], 0, self.pad[0]), mode="replicate") if any(self.pad) else x
        h = F.leaky_relu(
            self.stem(F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last)), _SLOPE
        )
        y: Tensor = self.head(F.leaky_relu(self.trunk(h), _SLOPE).flatten(1))
        return y


def _enlarged(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear")
