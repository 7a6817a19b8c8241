"""A map of examples as a page: one file that asks the network for nothing.

Points are whole numbers of 16 bits in base64, thumbnails one JPEG that all points share, whose size
is bounded: with many points thumbnails are smaller, and left out where even small ones would take
too much. What draws them, zooms and tells what lies under the pointer is `map.js`.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from ...core.capabilities import Array
from ...core.image_grid import shown_size, to_bytes
from ...core.spec import ImageSpec
from ...data.dataset import Dataset
from ...evaluate.report.charts.latent_map import class_colour
from ...evaluate.report.document import document
from ...evaluate.report.markup import Html, tag
from ..names import class_names

_SIDES = (64, 48, 32, 24, 16)  # pixels of a thumbnail, from the best
_PIXELS, _BYTES = 32 << 20, 12 << 20  # of the sheet, at most
_RANGE = 65_535
_KEYS = "Scroll or pinch to zoom, drag to move; with the keyboard: arrows, + and −, 0 for all."


class Sprites(NamedTuple):
    """Thumbnails (``width`` x ``height`` each) row by row, ``columns`` in a row, as a JPEG."""

    content: bytes
    width: int
    height: int
    columns: int


def map_page(title: str, about: str, data: Dataset, points: Array) -> tuple[str, str]:
    """The page of ``points`` (n, 2) of ``data``, and what to know of it, or nothing."""
    sprites = _sprites(data) if isinstance(data.spec, ImageSpec) else None
    left_out = isinstance(data.spec, ImageSpec) and sprites is None
    note = f"no thumbnails: {len(data):,} of them would make the page too large" if left_out else ""
    head = tag("header", tag("h1", title), tag("p", about, class_="lead"))
    canvas = tag(
        "canvas",
        id="map",
        tabindex="0",
        role="img",
        aria_label=f"Map of {len(points):,} examples. {_KEYS}",
    )
    parts = (head, _legend(data), tag("p", _KEYS, note and f" {note}.", class_="meaning"), canvas)
    payload = json.dumps(_payload(data, points, sprites)).replace("<", "\\u003c")
    held = tag("script", Html(payload), type="application/json", id="map-data")
    style, script = (Path(__file__).with_name(f"map.{kind}").read_text() for kind in ("css", "js"))
    body = tag("main", parts, id="main", class_="mapped")
    return document(title, body, held, style=style, script=script), note


def _payload(data: Dataset, points: Array, sprites: Sprites | None) -> dict[str, Any]:
    low, extent = points.min(0), max(float(np.ptp(points, axis=0).max()), 1e-12)
    placed = (points - low) / extent + (1 - np.ptp(points, axis=0) / extent) / 2
    placed[:, 1] = 1 - placed[:, 1]
    labels = data.labels if data.labels is not None else np.zeros(len(data))
    return {
        "points": _base64((placed * _RANGE).round().astype("<u2")),
        "labels": _base64(np.asarray(labels).astype("<u2")),
        "classes": list(data.spec.classes) if data.labels is not None else [],
        "names": data.names,
        "sprites": sprites
        and {
            "url": "data:image/jpeg;base64," + b64encode(sprites.content).decode(),
            **{key: getattr(sprites, key) for key in ("width", "height", "columns")},
        },
    }


def _base64(values: Array) -> str:
    return b64encode(np.ascontiguousarray(values).tobytes()).decode()


def _legend(data: Dataset) -> Html | None:
    """Classes that occur beside their colours."""
    names = class_names(data)
    if names is None or data.labels is None:
        return None
    there = np.unique(data.labels)
    return tag(
        "ul",
        [tag("li", tag("i", class_=class_colour(c)), data.spec.classes[c]) for c in there],
        class_="legend classes",
    )


def _sprites(data: Dataset) -> Sprites | None:
    """The thumbnails as large as there is room for, or none."""
    assert isinstance(data.spec, ImageSpec)
    height, width = shown_size(data.spec)
    for side in _SIDES:
        scale = min(1.0, side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        if len(data) * size[0] * size[1] > _PIXELS:
            continue
        found = _sheet(data, size)
        if len(found.content) <= _BYTES:
            return found
        if scale == 1.0 and side != _SIDES[-1]:
            continue
    return None


def _sheet(data: Dataset, size: tuple[int, int]) -> Sprites:
    assert isinstance(data.spec, ImageSpec)
    columns = math.ceil(math.sqrt(len(data) * size[1] / size[0]))
    rows = math.ceil(len(data) / columns)
    sheet = Image.new("RGB", (columns * size[0], rows * size[1]))
    for start in range(0, len(data), 1024):
        pixels = to_bytes(data.user(slice(start, start + 1024)), data.spec)
        for index, one in enumerate(pixels, start):
            image = Image.fromarray(one).convert("RGB").resize(size, Image.Resampling.BOX)
            row, column = divmod(index, columns)
            sheet.paste(image, (column * size[0], row * size[1]))
    content = BytesIO()
    grey = data.spec.shape[0] == 1
    (sheet.convert("L") if grey else sheet).save(content, "JPEG", quality=85, optimize=True)
    return Sprites(content.getvalue(), *size, columns)
