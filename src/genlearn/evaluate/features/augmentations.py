"""Random changes of images that leave their content alone: (B, C, H, W) -> (B, C, H, W), drawn from
torch's generator.

What a network learns to disregard here it cannot judge later. So shifts are by whole pixels, since
interpolation blurs; no noise is added; and contrast varies little: with ten per cent of noise and
half the contrast, the Frechet distance of ever more blurred MNIST digits fell again halfway.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_SHIFT = 0.1  # of a side, at most
_TURN, _SCALE, _CONTRAST = math.radians(23), (0.55, 1.5), 0.2


def shift_image(x: Tensor, share: float = _SHIFT) -> Tensor:
    """Each image moved by up to ``share`` of its sides, in whole pixels; the border is repeated."""
    for axis in (2, 3):
        side, most = x.shape[axis], int(x.shape[axis] * share + 0.5)
        move = torch.randint(-most, most + 1, (len(x), 1))
        index = (torch.arange(side) + move).clamp(0, side - 1)
        shape = (len(x), 1, side, 1) if axis == 2 else (len(x), 1, 1, side)
        x = x.gather(axis, index.reshape(shape).expand_as(x))
    return x


def augmented_view(x: Tensor) -> Tensor:
    """A random shift, rotation, size and contrast for each image."""
    angle, size = _uniform(x, -_TURN, _TURN), 1 / _uniform(x, *_SCALE)
    h, w = x.shape[2:]
    cos, sin = size * angle.cos(), size * angle.sin()
    zero = torch.zeros_like(cos)
    matrix = torch.stack(
        [torch.stack([cos, -sin * h / w, zero], 1), torch.stack([sin * w / h, cos, zero], 1)], 1
    )
    grid = F.affine_grid(matrix, list(x.shape), align_corners=False)
    x = shift_image(F.grid_sample(x, grid, padding_mode="border", align_corners=False))
    contrast = _uniform(x, 1 - _CONTRAST, 1 + _CONTRAST).reshape(-1, 1, 1, 1)
    middle = x.mean((1, 2, 3), keepdim=True)
    return middle + contrast * (x - middle)


def _uniform(x: Tensor, low: float, high: float) -> Tensor:
    return low + (high - low) * torch.rand(len(x))
