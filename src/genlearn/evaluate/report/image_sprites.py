"""Images on the page: PNG inside the HTML, so that the file is whole by itself.

A sheet is enlarged without smoothing, by whole factors, until its images are as large as they are
looked at, and shown at that size or smaller: pixels stay even at every zoom. The gaps are
transparent, so that the page's own colour shows between images in light and dark. A sprite sheet
holds the images of a map's points once, however many maps show them.
"""

from __future__ import annotations

import math
from base64 import b64encode
from hashlib import blake2b

import numpy as np
from PIL import Image

from ...core.image_grid import encoded, shown_size, to_bytes
from ...core.panels import Array, ImagePanel
from ...core.spec import ImageSpec
from .markup import Html, tag

_LEGIBLE = 56  # pixels a small image is enlarged to
_SHOWN = 28  # pixels on the page, at least, before the page's width limits it
_SPRITE = 450_000  # bytes of one sprite sheet


def image_panel(panel: ImagePanel, spec: ImageSpec, about: str) -> Html:
    """The panel's images, with the names of its rows beside them where it has any."""
    pixels = to_bytes(np.asarray(panel.values), spec)
    columns = max(1, min(len(pixels), panel.columns))
    tiles = enlarged_tiles(pixels, columns)
    one = pixels.shape[2] * _zoom(pixels)
    width = round(columns * max(_SHOWN, min(one, 720 / columns)) * 1.06)
    size = {"width": str(tiles.width), "height": str(tiles.height)}
    image = tag("img", src=png_data_uri(tiles), alt=about, style=f"max-width:{width}px", **size)
    if not panel.rows:
        return image
    names = tag("ol", [tag("li", row) for row in panel.rows], class_="rownames")
    return tag("div", names, image, class_="rows")


def enlarged_tiles(pixels: Array, columns: int) -> Image.Image:
    """uint8 images (n, H, W, 3 or 4) row by row, as large as they are looked at."""
    zoom = _zoom(pixels)
    return tile_images(
        pixels.repeat(zoom, 1).repeat(zoom, 2),
        max(1, min(len(pixels), columns)),
        gap=max(2, zoom * max(pixels.shape[1:3]) // 16),
    )


def _zoom(pixels: Array) -> int:
    height, width = map(int, pixels.shape[1:3])
    return max(1, math.ceil(_LEGIBLE / max(height, width)))


def tile_images(pixels: Array, columns: int, gap: int = 0) -> Image.Image:
    """uint8 images (n, H, W, 3 or 4) row by row, with transparent gaps; grey ones as grey."""
    n, height, width, channels = pixels.shape
    rows = math.ceil(n / columns)
    canvas = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap, 4), np.uint8)
    for index, image in enumerate(pixels):
        top, left = (
            place * (size + gap)
            for place, size in zip(divmod(index, columns), (height, width), strict=True)
        )
        canvas[top : top + height, left : left + width, :channels] = image
        if channels == 3:
            canvas[top : top + height, left : left + width, 3] = 255
    grey = (canvas[..., 0] == canvas[..., 1]).all() and (canvas[..., 1] == canvas[..., 2]).all()
    return Image.fromarray(canvas[..., [0, 3]] if grey else canvas)


def png_data_uri(image: Image.Image) -> str:
    """A data URI."""
    return "data:image/png;base64," + b64encode(encoded(image, optimize=True)).decode()


def sprite_id(values: Array) -> str:
    """The id of a sprite sheet: equal images share one."""
    return "sprite-" + blake2b(np.ascontiguousarray(values).tobytes(), digest_size=6).hexdigest()


def sprite_view_box(index: int, count: int, spec: ImageSpec) -> str:
    """The view box of image ``index`` in a sprite sheet of ``count``."""
    columns = math.ceil(math.sqrt(count))
    (row, column), (height, width) = divmod(index, columns), shown_size(spec)
    return f"{column * width} {row * height} {width} {height}"


def sprite_sheet(values: Array, spec: ImageSpec) -> Html:
    """The images of a map in one sheet, in units of their own pixels; large ones are stored smaller
    than they are."""
    columns = math.ceil(math.sqrt(len(values)))
    image = tile_images(to_bytes(np.asarray(values), spec), columns)
    size = {"width": str(image.width), "height": str(image.height)}
    source = png_data_uri(image)
    while len(source) > _SPRITE and min(shown_size(spec)) * image.width > 12 * int(size["width"]):
        image = image.resize(
            (max(1, image.width * 2 // 3), max(1, image.height * 2 // 3)), Image.Resampling.BOX
        )
        source = png_data_uri(image)
    return tag("image", id=sprite_id(values), href=source, preserveAspectRatio="none", **size)
