"""Pictures of data for pages: drawn anew from values, never files as they came."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image

from ...core.image_grid import shown_size, to_bytes
from ...core.spec import ImageSpec
from ...data.dataset import Array, Dataset
from ...data.inspect.inspect import DataReport
from .findings import CARD, PIXELS, SHEET

_ROOM = 64 << 20  # bytes of pixels that are kept
_SIDE, _LEAST = 64, 16  # pixels of the side of an example
_CHUNK = 256


def draw_sheet(report: DataReport, folder: Path) -> tuple[int, int]:
    """The contact sheet, or the histograms of a table; its size."""
    sheet = report.contact_sheet()
    sheet.save(folder / SHEET)
    return sheet.size


def draw_card(data: Dataset, folder: Path) -> tuple[int, int]:
    """A few images that stand for all, side by side in a card of 4 to 3."""
    assert isinstance(data.spec, ImageSpec)
    across, down = (4, 3) if len(data) >= 12 else (1, 1)
    longest = max(shown_size(data.spec))
    tile = longest * max(1, round(_SIDE / longest)) if longest < _SIDE else _SIDE
    card = Image.new("RGB", (across * tile, down * tile), "white")
    chosen = np.linspace(0, len(data) - 1, across * down).round().astype(int)
    for place, i in enumerate(chosen):
        (image,) = _images(data, slice(int(i), int(i) + 1))
        card.paste(_fitted(image, tile), (place % across * tile, place // across * tile))
    card.save(folder / CARD)
    return card.size


def keep_pixels(data: Dataset, folder: Path) -> int:
    """Small pictures of the first examples, uint8 (n, side, side, 3), as many as there is room for;
    returns how many."""
    assert isinstance(data.spec, ImageSpec)
    roomy = math.isqrt(_ROOM // (3 * len(data)))
    side = max(_LEAST, min(_SIDE, max(shown_size(data.spec)), roomy))
    count = min(len(data), _ROOM // (3 * side * side))
    kept = np.lib.format.open_memmap(folder / PIXELS, "w+", np.uint8, (count, side, side, 3))
    for start in range(0, count, _CHUNK):
        images = _images(data, slice(start, min(start + _CHUNK, count)))
        if images.shape[1:] == kept.shape[1:]:
            kept[start : start + len(images)] = images
            continue
        for i, image in enumerate(images, start):
            kept[i] = np.asarray(_fitted(image, side))
    kept.flush()
    return count


def _images(data: Dataset, rows: slice) -> Array:
    assert isinstance(data.spec, ImageSpec)
    return to_bytes(np.nan_to_num(data.values[rows].astype(np.float64)), data.spec)


def _fitted(pixels: Array, side: int) -> Image.Image:
    """An image in a white square of so many pixels; a smaller one is enlarged pixel by pixel, as
    far as whole factors go."""
    image = Image.fromarray(pixels).convert("RGBA")
    scale = side / max(image.size)
    scale, way = (
        (int(scale), Image.Resampling.NEAREST) if scale >= 1 else (scale, Image.Resampling.BOX)
    )
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    image = image.resize(size, way)
    square = Image.new("RGB", (side, side), "white")
    square.paste(image, ((side - size[0]) // 2, (side - size[1]) // 2), image)
    return square
