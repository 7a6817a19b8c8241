r"""Layers of equal learning rates, and the norms that go with them (Karras et al. 2017, arXiv
1710.10196, sections 3, 4.1 and 4.2).

Adam moves every weight by about the learning rate, whatever its scale; a layer whose weights start
small thus learns relatively faster than one whose weights start large. Here all weights start as
N(0, 1), and are scaled where they are used, by gain / sqrt(fan_in), as He's initialisation would.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

GAIN = math.sqrt(2)  # keeps the variance through leaky rectifiers
_GROUP = 4  # examples among which the deviation is taken; ibid., section 3
_MEMORY = 0.99


class EqualLinear(nn.Module):
    """x (B, a) -> (B, b); ``rate`` multiplies the layer's learning rate."""

    def __init__(
        self, a: int, b: int, gain: float = 1.0, rate: float = 1.0, bias: float = 0.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(b, a) / rate)
        self.bias = nn.Parameter(torch.full((b,), bias / rate))
        self.scale, self.rate = gain * rate / math.sqrt(a), rate

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.scale, self.bias * self.rate)


class EqualConv2d(nn.Module):
    """x (B, a, H, W) -> (B, b, H, W), of an odd ``kernel``."""

    def __init__(self, a: int, b: int, kernel: int, gain: float = GAIN) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(b, a, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(b))
        self.scale = gain / math.sqrt(a * kernel**2)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * self.scale, self.bias, padding=self.weight.shape[-1] // 2)


class PixelNorm(nn.Module):
    """x / sqrt(mean_c x^2 + 1e-8), over channels."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class MinibatchDeviation(nn.Module):
    """x (B, C, H, W) -> (B, C + 1, H, W): with the standard deviation over groups of examples,
    four in a row where their number is a multiple of four, averaged over channels and pixels, by
    which a discriminator notices samples that are all alike.
    Outside training it goes by the average over batches, so that company does not matter."""

    average: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("average", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return torch.cat([x, self.average.to(x.dtype).expand(len(x), 1, *x.shape[2:])], 1)
        group = math.gcd(len(x), _GROUP)
        parts = torch.unflatten(x, 0, (-1, group))
        # torch's own is many times as slow in bf16
        variance = (parts - parts.mean(1, keepdim=True)).square().mean(1)
        spread = (variance + 1e-8).sqrt().flatten(1).mean(1)
        self.average.lerp_(spread.detach().float().mean(), 1 - _MEMORY)
        return torch.cat(
            [x, spread.repeat_interleave(group).view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])], 1
        )
