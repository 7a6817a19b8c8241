"""How images reach a network of another size and colour: the filter shifts a Frechet distance by
whole points, so there is one, and it is named.

Parmar, Zhang & Zhu 2022, "On aliased resizing and surprising subtleties in GAN evaluation", arXiv
2104.11222: filters that do not widen when they shrink alias; bicubic with anti-aliasing is their
recommendation. Values are rounded to 8 bits where the images have them.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

FILTER = "bicubic, anti-aliased"


def as_rgb(x: Tensor, side: int) -> Tensor:
    """(B, C, H, W) in [-1, 1], any C -> red, green and blue in 0 .. 255, (B, 3, side, side),
    float32; grey is repeated, other channels left out."""
    colour = x[:, :3] if x.shape[1] >= 3 else x[:, :1].expand(-1, 3, -1, -1)
    levels = ((colour + 1) * 127.5).clamp(0, 255)
    if levels.shape[2:] != (side, side):
        levels = F.interpolate(
            levels, (side, side), mode="bicubic", antialias=True, align_corners=False
        )
    return levels.clamp(0, 255)
