r"""Augmentation of what a discriminator sees, so that it cannot learn a small set by heart.

Data and samples are changed alike before D sees them, each change made with probability p.
Gradients pass through to G, which learns the data, not their changes: as long as p is well below 1,
the distribution of changed samples determines that of unchanged ones (Karras et al. 2020, "Training
generative adversarial networks with limited data", arXiv 2006.06676). p is *adapted*: raised where
D is too sure of the data it learns from (E sign D(x) above 0.6), lowered where it is not.

The changes here are shifts by whole pixels, brightness, contrast, and a grey patch (Zhao et al.
2020, arXiv 2006.10738): none turns or mirrors an image, which would make another digit of it; all
have the second derivatives that a penalty on gradients needs. Images are (B, C, H, W) in [-1, 1].
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from ..core.processes import normal_rows, rows_of_batch, uniform_rows

TARGET_R_T = 0.6  # Karras et al. 2020, section 3.1
MAX_P = 0.8  # where changes begin to leak into samples, ibid., section 2.2
_SHIFT, _PATCH = 1 / 8, 1 / 2  # of the sides
# standard deviations, of an offset and of the logarithm (base 2) of a factor; ibid., appendix B
_BRIGHTNESS, _CONTRAST = 0.2, 0.5


def augment(x: Tensor, p: float) -> Tensor:
    """``x``, each change made to each image with probability ``p``."""
    if p <= 0:
        return x
    for change in (translate, brightness, contrast, cutout):
        chosen = uniform_rows(len(x), 1, 1, 1, device=x.device) < p
        x = torch.where(chosen, change(x), x)
    return x


def update_p(p: float, r_t: float, share: float) -> float:
    """p after a step: up by ``share`` where ``r_t``, E sign D(x), is above its target, else
    down."""
    return min(MAX_P, max(0.0, p + (share if r_t > TARGET_R_T else -share)))


def translate(x: Tensor) -> Tensor:
    """Moved by up to an eighth of the sides; the edge fills in."""
    for axis in (2, 3):
        side = x.shape[axis]
        most = int(side * _SHIFT)
        by = rows_of_batch(partial(_shifts, most, x.device), len(x))
        places = (torch.arange(side, device=x.device) + by).clamp(0, side - 1)
        x = x.gather(
            axis, places.view(len(x), 1, *((-1, 1) if axis == 2 else (1, -1))).expand_as(x)
        )
    return x


def _shifts(most: int, device: torch.device, n: int) -> Tensor:
    return torch.randint(-most, most + 1, (n, 1), device=device)


def brightness(x: Tensor) -> Tensor:
    """Lighter or darker."""
    return x + _BRIGHTNESS * normal_rows(len(x), 1, 1, 1, device=x.device)


def contrast(x: Tensor) -> Tensor:
    """Of more or less contrast."""
    return x * 2 ** (_CONTRAST * normal_rows(len(x), 1, 1, 1, device=x.device))


def cutout(x: Tensor) -> Tensor:
    """Grey in a rectangle of half the sides, anywhere."""
    inside = torch.ones((), dtype=torch.bool, device=x.device)
    for axis in (2, 3):
        side = x.shape[axis]
        centre = uniform_rows(len(x), 1, device=x.device) * side
        near = (torch.arange(side, device=x.device) + 0.5 - centre).abs() < _PATCH * side / 2
        inside = inside & near.view(len(x), 1, *((-1, 1) if axis == 2 else (1, -1)))
    return x.masked_fill(inside, 0.0)
