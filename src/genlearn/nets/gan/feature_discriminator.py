"""A discriminator that reads what a denoiser thinks of an example: small heads on layers of a
frozen network, which tell noisy data from noisy samples.

A denoiser has learned at every level of noise what data is made of, so little is left to be
learned by the heads; and noise keeps the two distributions from lying apart (Sauer et al. 2024,
arXiv 2403.12015, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_WIDTH = 64  # channels of a head
_FINE = 8  # places in a row, beyond which a head goes on with every second one
_SLOPE = 0.2


class FeatureHead(nn.Module):
    """A feature map (B, C, H, W) and the logarithm of the noise (B,) -> logits (B,), the mean over
    all places. ``shape``: C, H, W."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.stride = 2 if max(shape[1:]) > _FINE else 1
        self.first = nn.Conv2d(shape[0], _WIDTH, 1)
        self.second = nn.Conv2d(_WIDTH, _WIDTH, 3, self.stride, 1)
        self.last = nn.Conv2d(_WIDTH, 1, 1)
        self.noise = nn.Linear(1, 2 * _WIDTH)

    def forward(self, h: Tensor, log_ratio: Tensor) -> Tensor:
        scale, shift = self.noise(log_ratio[:, None])[:, :, None, None].chunk(2, 1)
        h = F.layer_norm(h.permute(0, 2, 3, 1), h.shape[1:2]).permute(0, 3, 1, 2)
        h = F.leaky_relu(torch.addcmul(shift, self.first(h), 1 + scale), _SLOPE)
        skip = h if self.stride == 1 else F.avg_pool2d(h, self.stride, ceil_mode=True)
        y: Tensor = self.last(F.leaky_relu(skip + self.second(h), _SLOPE)).mean((1, 2, 3))
        return y


class FeatureDiscriminator(nn.Module):
    """Logits (B,) of examples by what layers answered to them, by name: the mean of a head for
    each. ``shapes``: of each layer's map, C, H, W."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({name: FeatureHead(shape) for name, shape in shapes.items()})

    def forward(self, features: Mapping[str, Tensor], log_ratio: Tensor) -> Tensor:
        """``features``: (B, C, H, W) or (B, d) by layer; ``log_ratio``: log sigma / alpha (B,)."""
        logits = [head(as_picture(features[name]), log_ratio) for name, head in self.heads.items()]
        return torch.stack(logits).mean(0)


def as_picture(h: Tensor) -> Tensor:
    """(B, d) as a map of one place."""
    return h[:, :, None, None] if h.ndim == 2 else h
