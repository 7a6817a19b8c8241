"""From the colours that a file holds to those of a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:  # the studio decodes uploads in a process that has no room for torch
    from ..dataset import Array

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as PIL's conversion to grey


def to_mode(image: Image.Image, mode: str) -> Image.Image:
    """``image`` in PIL's mode ``mode``, L, RGB or RGBA. CIE L*a*b* goes through colour profiles,
    since PIL's own conversion does not know it."""
    if image.mode == "LAB":
        from PIL import ImageCms

        lab, screen = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.buildTransform(lab, screen, "LAB", "RGB").apply(image)
    return image if image.mode == mode else image.convert(mode)


def on_screen(numbers: Array, kind: str) -> Array:
    """uint16 (H, W, 3 or 4) of PIL's raw ``kind`` as RGB or RGBA: inks (CMYK) are what they leave
    of white, RGBa is divided by its alpha, and the X of RGBX goes."""
    top = np.iinfo(np.uint16).max
    colours, last = numbers[..., :3].astype(np.uint64), numbers[..., 3:]
    if kind == "CMYK":
        left = (top - last).astype(np.uint64)
        return (left - (colours * left + top // 2) // top).astype(np.uint16)
    if kind == "RGBa":
        whole = colours * top // np.maximum(last, 1)
        return np.concatenate([whole.clip(0, top).astype(np.uint16), last], -1)
    return numbers[..., :3] if kind == "RGBX" else numbers
