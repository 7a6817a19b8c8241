"""Resizing without aliasing: centre-crop to the wanted proportions, then Lanczos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..dataset import Array, scratch

if TYPE_CHECKING:
    from PIL import Image


def fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """``image`` at ``size`` (height, width)."""
    from PIL import Image, ImageOps

    wanted = size[::-1]
    return image if image.size == wanted else ImageOps.fit(image, wanted, Image.Resampling.LANCZOS)


def fit_numbers(plane: Array, size: tuple[int, int]) -> Array:
    """One channel (H, W) of any real type at ``size``, within the range it had."""
    from PIL import Image

    wide = np.asarray(fit(Image.fromarray(plane.astype(np.float32)), size)).clip(
        plane.min(), plane.max()
    )
    return (wide.round() if plane.dtype.kind in "iub" else wide).astype(plane.dtype)


def resized(values: Array, size: tuple[int, int]) -> Array:
    """Images (N, H, W) or (N, H, W, C) at ``size``, of the same type."""
    rows = scratch((len(values), *size, *values.shape[3:]), values.dtype)
    for i, image in enumerate(values):
        channels = image[..., None] if image.ndim == 2 else image
        rows[i] = np.stack(
            [fit_numbers(plane, size) for plane in np.moveaxis(channels, -1, 0)], -1
        ).reshape(rows.shape[1:])
    return rows
