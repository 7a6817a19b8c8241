"""Decoded examples as answers to a page: one image, or several side by side on one that the page
takes apart, so that a slider needs no answer for each place."""

from __future__ import annotations

from PIL import Image

from ...core.capabilities import Array
from ...core.image_grid import encoded, tiled, to_bytes
from ...core.spec import ImageSpec

_FAST = 1  # of zlib: a page that is being dragged over waits for this


def png(values: Array, spec: ImageSpec, columns: int | None = None) -> bytes:
    """Images (n, *user_shape) without gaps, ``columns`` in a row, by default all in one."""
    image = Image.fromarray(tiled(to_bytes(values, spec), columns or len(values)))
    grey = spec.shape[0] == 1
    return encoded(image.convert("L") if grey else image, compress_level=_FAST)
