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
_SLOPE = 0.2


class FeatureHead(nn.Module):
    """A feature map (B, C, H, W) and the logarithm of the noise (B,) -> logits (B,), the mean over
    all places."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, _WIDTH, 1)
        self.second = nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1)
        self.last = nn.Conv2d(_WIDTH, 1, 1)
        self.noise = nn.Linear(1, 2 * _WIDTH)

    def forward(self, h: Tensor, log_ratio: Tensor) -> Tensor:
        scale, shift = self.noise(log_ratio[:, None])[:, :, None, None].chunk(2, 1)
        h = F.layer_norm(h.permute(0, 2, 3, 1), h.shape[1:2]).permute(0, 3, 1, 2)
        h = F.leaky_relu(torch.addcmul(shift, self.first(h), 1 + scale), _SLOPE)
        h = F.leaky_relu(h + self.second(h), _SLOPE)
        y: Tensor = self.last(h).mean((1, 2, 3))
        return y


class FeatureDiscriminator(nn.Module):
    """Logits (B,) of examples by what layers answered to them, by name: the mean of a head for
    each. ``channels``: of each layer."""

    def __init__(self, channels: Mapping[str, int]) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({name: FeatureHead(count) for name, count in channels.items()})

    def forward(self, features: Mapping[str, Tensor], log_ratio: Tensor) -> Tensor:
        """``features``: (B, C, H, W) or (B, d) by layer; ``log_ratio``: log sigma / alpha (B,)."""
        logits = [head(as_picture(features[name]), log_ratio) for name, head in self.heads.items()]
        return torch.stack(logits).mean(0)


def as_picture(h: Tensor) -> Tensor:
    """(B, d) as a map of one place."""
    return h[:, :, None, None] if h.ndim == 2 else h
