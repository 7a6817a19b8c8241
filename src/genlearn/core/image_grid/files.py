"""Pictures as the bytes of files, and many of one size as one."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """The file of ``image`` in a format of PIL; ``options`` are those of its ``save``."""
    content = BytesIO()
    image.save(content, form, **options)
    return content.getvalue()


def tiled(pixels: Array, columns: int) -> Array:
    """Images (n, H, W, C) of one size without gaps, row by row, (rows * H, columns * W, C); zeros
    after the last."""
    n, height, width, channels = pixels.shape
    rows = math.ceil(n / columns)
    canvas = np.zeros((rows * columns, height, width, channels), pixels.dtype)
    canvas[:n] = pixels
    whole = canvas.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return whole.reshape(rows * height, columns * width, channels)
