"""Decoded examples as answers to a page: one image, or several side by side on one that the page
takes apart, so that a slider needs no answer for each place."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from ...core.capabilities import Array
from ...core.image_grid import to_bytes
from ...core.spec import ImageSpec

_FAST = 1  # of zlib: a page that is being dragged over waits for this
_WIDEST = 16_384  # pixels that a browser takes


def png(values: Array, spec: ImageSpec, columns: int | None = None) -> bytes:
    """Images (n, *user_shape) without gaps, ``columns`` in a row, by default all in one."""
    pixels = to_bytes(values, spec)
    n, height, width, channels = pixels.shape
    columns = columns or n
    rows = -(-n // columns)
    full = np.zeros((rows * columns, height, width, channels), np.uint8)
    full[:n] = pixels
    sheet = full.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    image = Image.fromarray(sheet.reshape(rows * height, columns * width, channels))
    content = BytesIO()
    grey = spec.shape[0] == 1
    (image.convert("L") if grey else image).save(content, "PNG", compress_level=_FAST)
    return content.getvalue()


def fitting(spec: ImageSpec, wanted: int) -> int:
    """As many of ``wanted`` images as one in a row holds."""
    return max(1, min(wanted, _WIDEST // (spec.shape[-1] * max(1, spec.shape[0]))))
