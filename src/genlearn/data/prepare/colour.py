"""From the colours that a file holds to those of a screen."""

from __future__ import annotations

import numpy as np
from PIL import Image

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as PIL's conversion to grey


def to_mode(image: Image.Image, mode: str) -> Image.Image:
    """``image`` in PIL's mode ``mode``, L, RGB or RGBA. CIE L*a*b* goes through colour profiles,
    since PIL's own conversion does not know it."""
    if image.mode == "LAB":
        from PIL import ImageCms

        lab, screen = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.buildTransform(lab, screen, "LAB", "RGB").apply(image)
    return image if image.mode == mode else image.convert(mode)
