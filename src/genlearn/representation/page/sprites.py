"""Thumbnails of examples on one sheet whose size is bounded: with many examples they are smaller,
and left out where even small ones would take too much."""

from __future__ import annotations

import math
from typing import NamedTuple

from PIL import Image

from ...core.image_grid import encoded, shown_size, to_bytes
from ...core.spec import ImageSpec
from ...data.dataset import Dataset
from ..represent import Progress, silent

_SIDES = (64, 48, 32, 24, 16)  # pixels of a thumbnail, from the best
_PIXELS, _BYTES = 32 << 20, 12 << 20  # of the sheet, at most
_BLOCK = 1024  # examples at a time


class Sprites(NamedTuple):
    """Thumbnails (``width`` x ``height`` each) row by row, ``columns`` in a row, as a JPEG."""

    content: bytes
    width: int
    height: int
    columns: int

    @property
    def shape(self) -> dict[str, int]:
        """What finds a thumbnail on the sheet."""
        return {"width": self.width, "height": self.height, "columns": self.columns}


def sprites_of(data: Dataset, progress: Progress = silent) -> Sprites | None:
    """The images of ``data`` as large as there is room for, or none."""
    if not isinstance(data.spec, ImageSpec):
        return None
    height, width = shown_size(data.spec)
    tried = None
    for side in _SIDES:
        scale = min(1.0, side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        if size == tried or len(data) * size[0] * size[1] > _PIXELS:
            continue
        tried, found = size, _sheet(data, data.spec, size, progress)
        if len(found.content) <= _BYTES:
            return found
    return None


def _sheet(data: Dataset, spec: ImageSpec, size: tuple[int, int], progress: Progress) -> Sprites:
    columns = math.ceil(math.sqrt(len(data) * size[1] / size[0]))
    rows = math.ceil(len(data) / columns)
    mode = "L" if spec.shape[0] == 1 else "RGB"
    sheet = Image.new(mode, (columns * size[0], rows * size[1]))
    for start in range(0, len(data), _BLOCK):
        pixels = to_bytes(data.user(slice(start, start + _BLOCK)), spec)
        for index, one in enumerate(pixels, start):
            image = Image.fromarray(one).convert(mode)
            row, column = divmod(index, columns)
            place = column * size[0], row * size[1]
            sheet.paste(image.resize(size, Image.Resampling.BOX), place)
        progress(min(start + _BLOCK, len(data)), len(data))
    return Sprites(encoded(sheet, "JPEG", quality=85, optimize=True), *size, columns)
