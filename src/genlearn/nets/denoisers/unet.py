"""A U-Net for denoising images of any size and number of channels (Ronneberger et al. 2015; Ho et
al. 2020), laid out for machines with few cores.

**Folding.** 2x2 pixels are folded into channels first, because work at full resolution is what a
small network spends its time on: three times as many images in a second at the same width.

**Norm.** One mean and one variance over the whole example, computed where the channels-last numbers
lie; torch's group norm takes a third of a training step on a CPU, this a twentieth.

Height and width are padded to what folding and halving divide, and cropped back.
"""

from __future__ import annotations

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..coders.conv_coder import padding
from ..layers.adaln import AdaLNModulation, zero
from ..layers.attention import attend
from ..layers.conditioning import ConditionEmbedding, Conditioning
from ..layers.text_conditioning import CrossAttention, LayerContext
from .layer_maps import levels


class Norm(nn.Module):
    """Each example to mean 0 and variance 1 over channels and pixels together, times a learned gain
    for each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        rows = x.permute(0, 2, 3, 1)
        gain = self.gain.to(x.dtype).expand(rows.shape[1:]).contiguous()  # one pass with the norm
        return F.layer_norm(rows, rows.shape[1:], gain).permute(0, 3, 1, 2)


class Block(nn.Module):
    """skip(x) + conv(silu(scale(e) norm(conv(silu(norm(x)))) + shift(e))), the last convolution
    starting at zero."""

    def __init__(self, before: int, channels: int, width: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([Norm(before), Norm(channels)])
        self.first = nn.Conv2d(before, channels, 3, padding=1)
        self.modulation = AdaLNModulation(width, channels, 2)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.skip = nn.Identity() if before == channels else nn.Conv2d(before, channels, 1)
        zero(self.second)

    def forward(self, x: Tensor, told: LayerContext) -> Tensor:
        h = self.first(F.silu(self.norms[0](x)))
        scale, shift = (part[:, :, None, None] for part in self.modulation(told.e))
        h = torch.addcmul(shift, self.norms[1](h), 1 + scale)
        y: Tensor = self.skip(x) + self.second(F.silu(h))
        return y


class Attention(nn.Module):
    """x + attention over all pixels, in heads of 32 channels or more, starting at zero (Vaswani et
    al. 2017)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm, self.heads = Norm(channels), math.gcd(channels, max(1, channels // 32))
        self.qkv, self.out = nn.Conv2d(channels, 3 * channels, 1), nn.Conv2d(channels, channels, 1)
        zero(self.out)

    def forward(self, x: Tensor, told: LayerContext) -> Tensor:
        b, c, h, w = x.shape
        q, k, v = (
            self.qkv(self.norm(x))
            .reshape(b, 3, self.heads, c // self.heads, h * w)
            .transpose(-1, -2)
            .unbind(1)
        )
        y = attend(q, k, v).transpose(-1, -2).reshape(b, c, h, w)
        z: Tensor = x + self.out(y)
        return z


class CrossAttentionBlock(nn.Module):
    """x + attention of all pixels to the tokens of a caption, starting at zero (Saharia et al.
    2022, arXiv 2205.11487, section 2.3)."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.norm, self.heads = Norm(channels), math.gcd(channels, max(1, channels // 32))
        self.reading = CrossAttention(channels, width, self.heads)

    def forward(self, x: Tensor, told: LayerContext) -> Tensor:
        y = self.reading(self.norm(x).flatten(2).transpose(1, 2), told)
        z: Tensor = x + y.transpose(1, 2).reshape(x.shape)
        return z


class UNet(nn.Module):
    """x (B, C, H, W), log ratio (B,), label or caption -> (B, C, H, W).

    ``widths``: channels of each level, each half as high and wide as the one before; ``blocks`` of
    them at each level, down and up; ``attention`` in the middle, at the coarsest level.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        widths: tuple[int, ...],
        blocks: int = 1,
        attention: bool = False,
        classes: int = 0,
        text: int = 0,
    ) -> None:
        super().__init__()
        self.fold = 2 if min(shape[1:]) >= 8 else 1
        self.pad = padding(shape, self.fold * 2 ** (len(widths) - 1))
        folded, width = shape[0] * self.fold**2, 4 * widths[0]
        self.condition = ConditionEmbedding(width, classes, text)
        self.stem = nn.Conv2d(folded, widths[0], 3, padding=1)
        self.down = nn.ModuleList(
            _level(before, channels, blocks, width, bool(text and level))
            for level, (before, channels) in enumerate(
                zip((widths[0], *widths), widths, strict=False)
            )
        )
        self.reduce = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, 2, 1) for channels in widths[:-1]
        )
        middle: list[nn.Module] = [Block(widths[-1], widths[-1], width)]
        middle += [CrossAttentionBlock(widths[-1], width)] if text else []
        self.middle = nn.ModuleList(
            [*middle, Attention(widths[-1]), Block(widths[-1], widths[-1], width)]
            if attention
            else middle
        )
        self.up = nn.ModuleList(
            _level(2 * channels, channels, blocks, width, bool(text and level))
            for level, channels in reversed(list(enumerate(widths)))
        )
        self.enlarge = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1)
            for a, b in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.norm = Norm(widths[0])
        self.out = nn.Conv2d(widths[0], folded, 3, padding=1)
        zero(self.out)

    def forward(self, x: Tensor, log_ratio: Tensor, given: Conditioning | None = None) -> Tensor:
        height, width = x.shape[2:]
        e = self.condition(log_ratio, given)
        x = F.pad(x, (0, self.pad[1], 0, self.pad[0]), mode="replicate") if any(self.pad) else x
        h = self.stem(F.pixel_unshuffle(x, self.fold).contiguous(memory_format=torch.channels_last))
        h = self._rise(*self._descend(h, e), e)
        y: Tensor = F.pixel_shuffle(self.out(F.silu(self.norm(h))), self.fold)
        return y[..., :height, :width]

    @property
    def layers(self) -> dict[str, nn.Module]:
        """The last block of each level."""
        down, up = (
            [cast(nn.ModuleList, blocks)[-1] for blocks in way] for way in (self.down, self.up)
        )
        return levels(down, self.middle[-1], up)

    def as_map(self, h: Tensor) -> Tensor:
        return h

    def _descend(self, h: Tensor, e: LayerContext) -> tuple[Tensor, list[Tensor]]:
        """The coarsest grid, and what each level was before it was halved."""
        kept: list[Tensor] = []
        for level, blocks in enumerate(self.down):
            h = self.reduce[level - 1](h) if level else h
            h = _through(blocks, h, e)
            kept.append(h)
        return _through(self.middle, h, e), kept

    def _rise(self, h: Tensor, kept: list[Tensor], e: LayerContext) -> Tensor:
        for level, blocks in enumerate(self.up):
            h = (
                self.enlarge[level - 1](F.interpolate(h, scale_factor=2.0, mode="nearest"))
                if level
                else h
            )
            h = _through(blocks, torch.cat([h, kept.pop()], 1), e)
        return h


def _level(before: int, channels: int, blocks: int, width: int, reading: bool) -> nn.ModuleList:
    layers: list[nn.Module] = [
        Block(before if index == 0 else channels, channels, width) for index in range(blocks)
    ]
    return nn.ModuleList([*layers, CrossAttentionBlock(channels, width)] if reading else layers)


def _through(blocks: nn.Module, h: Tensor, e: LayerContext) -> Tensor:
    for block in blocks.children():
        h = block(h, e)
    return h
