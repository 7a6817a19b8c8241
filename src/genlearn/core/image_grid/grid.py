"""A grid of images, small ones enlarged in whole pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..spec import ImageSpec
from .labels import Labels, labelled

Array = NDArray[Any]
_COLOURS = (3, 4)  # channels: RGB, RGBA
_LEGIBLE = 56  # pixels that a small image is enlarged to


def to_bytes(values: Array, spec: ImageSpec) -> Array:
    """Images in the user's units -> uint8 (n, *`shown_size`, 3 or 4), black at the lowest and white
    at the highest value. Channels that are no colours stand side by side, in grey."""
    values = values if spec.channel_axis else values[..., None]
    share = (values.astype(np.float64) - spec.low) / (spec.high - spec.low)
    pixels = (share.clip(0, 1) * 255).round().astype(np.uint8)
    if pixels.shape[-1] in _COLOURS:
        return pixels
    beside = np.moveaxis(pixels, -1, 2).reshape(*pixels.shape[:2], -1, 1)
    return np.repeat(beside, 3, axis=-1)


def shown_size(spec: ImageSpec) -> tuple[int, int]:
    """(height, width) of an image as `to_bytes` shows it."""
    channels, height, width = spec.shape
    return height, width if channels in _COLOURS else width * channels


def image_grid(
    values: Array,
    spec: ImageSpec,
    columns: int | None = None,
    gap: int = 2,
    labels: Labels | None = None,
) -> Image.Image:
    """Images (n, *user_shape) side by side on white, row by row, by the names in ``labels``; small
    ones are enlarged without smoothing."""
    pixels = to_bytes(values, spec)
    n, height, width, channels = pixels.shape
    columns, zoom = min(n, columns or math.ceil(math.sqrt(n))), grid_zoom(height, width)
    pixels = pixels.repeat(zoom, axis=1).repeat(zoom, axis=2)
    height, width = height * zoom + gap, width * zoom + gap
    rows = math.ceil(n / columns)
    sheet = np.full((rows * height + gap, columns * width + gap, channels), 255, np.uint8)
    for index, image in enumerate(pixels):
        top, left = divmod(index, columns)
        sheet[top * height + gap : (top + 1) * height, left * width + gap : (left + 1) * width] = (
            image
        )
    picture = Image.fromarray(sheet)
    return labelled(picture, labels.of(rows, columns), height, width) if labels else picture


def grid_zoom(height: int, width: int) -> int:
    """How many times as large images of so many pixels are shown."""
    return max(1, math.ceil(_LEGIBLE / max(height, width)))
