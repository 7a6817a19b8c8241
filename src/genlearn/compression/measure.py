"""What other formats take for the same images."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from ..core import image_grid
from ..core.capabilities import Array


def encoded(image: Array, form: str, **options: Any) -> bytes:
    """The file of one image (H, W) or (H, W, C) in a format of PIL."""
    plain = image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image
    return image_grid.encoded(Image.fromarray(np.ascontiguousarray(plain)), form, **options)


def png_bytes(pixels: Array) -> int:
    """Of images (n, H, W) or (n, H, W, C) as PNG, each in a file of its own, optimised."""
    return sum(len(encoded(image, "PNG", optimize=True)) for image in pixels)
