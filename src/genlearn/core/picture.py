"""Pictures of examples: a grid of images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .spec import ImageSpec

Array = NDArray[Any]
_LEGIBLE = 56  # pixels that a small image is enlarged to


def to_bytes(values: Array, spec: ImageSpec) -> Array:
    """Images in the user's units -> uint8 (n, H, W, 3 or 4), black at the lowest and white at the highest value."""
    values = values if spec.channel_axis else values[..., None]
    share = (values.astype(np.float64) - spec.low) / (spec.high - spec.low)
    pixels = (share.clip(0, 1) * 255).round().astype(np.uint8)
    channels = pixels.shape[-1]
    return pixels if channels in (3, 4) else np.repeat(pixels[..., :1], 3, axis=-1)


def grid(values: Array, spec: ImageSpec, columns: int | None = None, gap: int = 2) -> Image.Image:
    """Images (n, *user_shape) side by side on white, row by row; small ones are enlarged without smoothing."""
    pixels = to_bytes(values, spec)
    n, height, width, channels = pixels.shape
    columns, zoom = min(n, columns or math.ceil(math.sqrt(n))), _zoom(height, width)
    pixels = pixels.repeat(zoom, axis=1).repeat(zoom, axis=2)
    height, width = height * zoom + gap, width * zoom + gap
    sheet = np.full((math.ceil(n / columns) * height + gap, columns * width + gap, channels), 255, np.uint8)
    for index, image in enumerate(pixels):
        top, left = divmod(index, columns)
        sheet[top * height + gap : (top + 1) * height, left * width + gap : (left + 1) * width] = image
    return Image.fromarray(sheet)


def cells(sheet: Image.Image, spec: ImageSpec, rows: int, columns: int, gap: int = 2) -> Array:
    """The images of the first ``rows`` of a `grid` of so many ``columns``, (rows * columns, *user_shape), as finely as its 8 bits show them."""
    pixels, (channels, height, width) = np.asarray(sheet), spec.shape
    zoom = _zoom(height, width)
    tall, wide = height * zoom + gap, width * zoom + gap
    places = [(row * tall + gap, column * wide + gap) for row in range(rows) for column in range(columns)]
    images = np.stack([pixels[top : top + height * zoom : zoom, left : left + width * zoom : zoom] for top, left in places])
    shown = images if images.shape[-1] == channels else np.repeat(images[..., :1], channels, axis=-1)
    values = spec.low + shown / 255.0 * (spec.high - spec.low)
    return values if spec.channel_axis else values[..., 0]


def _zoom(height: int, width: int) -> int:
    return max(1, math.ceil(_LEGIBLE / max(height, width)))
