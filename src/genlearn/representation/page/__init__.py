"""A map of examples as a page: one file that asks the network for nothing.

Points are whole numbers of 16 bits in base64, thumbnails one JPEG that all points share. What draws
and zooms them is `scatter.js`, which is a module elsewhere; on this page it stands before `map.js`
as one script.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np

from ...core.capabilities import Array
from ...core.spec import ImageSpec
from ...data.dataset import Dataset
from ...evaluate.report.charts.latent_map import class_colour
from ...evaluate.report.document import document
from ...evaluate.report.markup import Html, tag
from ..names import class_names
from .placing import Placing
from .sprites import Sprites, sprites_of

_KEYS = "Scroll or pinch to zoom, drag to move; with the keyboard: arrows, + and −, 0 for all."
MODULES = ("gestures.js", "scatter.js")  # what `map.js` uses, from the first
_OF_MODULES = re.compile(r"^import .*\n|^export ", re.MULTILINE)


def map_script(name: str) -> str:
    """A part of the script of maps, "scatter.js" or "gestures.js", as a module."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def map_page(title: str, about: str, data: Dataset, points: Array) -> tuple[str, str]:
    """The page of ``points`` (n, 2) of ``data``, and what to know of it, or nothing."""
    sprites = sprites_of(data)
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
    style = Path(__file__).with_name("map.css").read_text(encoding="utf-8")
    body = tag("main", parts, id="main", class_="mapped")
    return document(title, body, held, style=style, script=_script()), note


def _script() -> str:
    """All parts as one script, whose names are its own."""
    parts = [_OF_MODULES.sub("", map_script(name)) for name in MODULES]
    return "\n".join(('"use strict";\n(() => {', *parts, map_script("map.js"), "})();"))


def _payload(data: Dataset, points: Array, sprites: Sprites | None) -> dict[str, Any]:
    labels = data.labels if data.labels is not None else np.zeros(len(data))
    url = sprites and "data:image/jpeg;base64," + b64encode(sprites.content).decode()
    return {
        "points": _base64(Placing.of(points).numbers(points)),
        "labels": _base64(np.asarray(labels).astype("<u2")),
        "classes": list(data.spec.classes) if data.labels is not None else [],
        "names": data.names and list(data.names),
        "sprites": sprites and {"url": url, **sprites.shape},
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
