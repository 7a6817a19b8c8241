"""The quiz as a part of a page: markup, style and script, which ask the network for nothing.

All images of the quiz are tiles of one sheet, so that no file's length, and no order in which
things are loaded, belongs to one of them; the script draws the tile whose turn it is. What is real
takes the way through the data's spec that what is generated has taken: the same levels, the same
rounding, the same 8 bits.

A page holds any number of fragments, `QUIZ_STYLE` once and `QUIZ_SCRIPT` once, after them. Colours
are those of the report's style.css.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..core.capabilities import Array
from ..core.image_grid import encoded, tiled, to_bytes
from ..core.spec import ImageSpec
from ..evaluate.report.markup import Html, tag
from .answer_key import ROUNDS, hashed
from .trials import Trials, truths

LARGEST = 512  # pixels of an image's longer side; larger ones are shrunk, all alike
_PRINTED = "A quiz stands here: which image is real? Open this page in a browser to take it."


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


QUIZ_STYLE = _text("quiz.css")
_SCRIPTS = "\n".join(map(_text, ("statistics.js", "sha256.js", "quiz.js")))
QUIZ_SCRIPT = f'"use strict";\n(() => {{\n{_SCRIPTS}}})();\n'


def quiz_fragment(trials: Trials, spec: ImageSpec, *, limit: float | None = None) -> Html:
    """The quiz as an element to put into a page.

    ``spec`` says how images become pixels; ``limit``: seconds after which an image is hidden, while
    the answer may take its time (None: it stays).
    """
    data = quiz_data(trials, spec, limit)
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return tag(
        "div",
        tag("script", Html(text), type="application/json", class_="quiz-data"),
        tag("p", _PRINTED, class_="quiz-print"),
        tag("noscript", tag("p", "The quiz needs JavaScript, which is switched off here.")),
        tag("div", class_="quiz-stage", tabindex="-1", role="group", aria_label="Quiz"),
        class_="quiz",
        id=f"quiz-{data['id']}",
    )


def quiz_data(trials: Trials, spec: ImageSpec, limit: float | None = None) -> dict[str, Any]:
    """All that the page knows of the quiz, as JSON."""
    pixels = np.concatenate([as_shown(trial.images, spec) for trial in trials.trials])
    columns = math.ceil(math.sqrt(len(pixels)))
    sheet = _sheet(pixels, columns)
    design = repr((trials.kind, trials.sources, trials.practice, limit, pixels.shape))
    salt = sha256(design.encode() + pixels.tobytes()).hexdigest()[:32]
    return {
        "id": sha256(salt.encode()).hexdigest()[:10],
        "kind": trials.kind,
        "sources": list(trials.sources),
        "practice": trials.practice,
        "limit": limit,
        "salt": salt,
        "rounds": ROUNDS,
        "truths": truths(trials.kind, len(trials.sources)),
        "hashes": hashed(trials, salt),
        "height": pixels.shape[1],
        "width": pixels.shape[2],
        "columns": columns,
        "sheet": "data:image/png;base64," + b64encode(sheet).decode(),
    }


def as_shown(values: Array, spec: ImageSpec) -> Array:
    """Images in the user's units as the judges see them, uint8 (n, H, W, 3 or 4); real and
    generated ones take the same way."""
    pixels = to_bytes(spec.to_user(spec.to_internal(values)), spec)
    height, width = pixels.shape[1:3]
    if max(height, width) <= LARGEST:
        return pixels
    scale = LARGEST / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.stack(
        [np.asarray(Image.fromarray(one).resize(size, Image.Resampling.BOX)) for one in pixels]
    )


def _sheet(pixels: Array, columns: int) -> bytes:
    """The images row by row in one PNG without metadata."""
    image = Image.fromarray(tiled(pixels, columns))
    grey = pixels.shape[-1] == 3 and (pixels == pixels[..., :1]).all()
    return encoded(image.convert("L") if grey else image)
