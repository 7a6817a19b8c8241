"""One caption for each image, from whatever stands in its place: a text, a number, several texts,
a dictionary of them.

Of several the first is taken, always the same one, which is told: a list is several people's words
for one image (COCO has five), and a caption that changes from epoch to epoch could not be named.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..folders.names import SHOWN

CAPTIONS = ("text", "caption", "captions", "prompt", "description")
_PREFERRED = (*CAPTIONS, "raw", "sentence", "sentences", "value", "en")


def caption_texts(cells: Iterable[Any]) -> tuple[list[str] | None, tuple[str, ...]]:
    """The captions, "" where there is none, and lines on what was left out of them; None where all
    of them are empty."""
    found: Counter[str] = Counter()
    texts = [_text(cell, found) for cell in cells]
    silent, count = texts.count(""), len(texts)
    if silent == count:
        return None, ("no captions: all of them are empty",)
    notes = [f"{silent} of {count} images have no caption"] if silent else []
    if several := found.pop("", 0):
        notes.append(f"{several} images have several captions: the first of each is read")
    if found:
        keys = ", ".join(repr(key) for key, _ in found.most_common(SHOWN))
        notes.append(f"captions are dictionaries: of each, only {keys} is read")
    if all(_is_numbers(text) for text in texts if text):
        notes.append("captions are numbers alone: are they boxes or classes rather than text?")
    return texts, tuple(notes)


def _text(cell: Any, found: Counter[str]) -> str:
    """The caption in ``cell``. Counts in ``found`` the lists that hold more than it, under "", and
    the key taken of each dictionary that holds more than it."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bytes):
        return cell.decode(errors="replace").strip()
    if isinstance(cell, Mapping):
        return _of_mapping(cell, found)
    if isinstance(cell, (np.ndarray, np.generic)):
        return _text(cell.tolist(), found)
    if isinstance(cell, (list, tuple)):
        return _of_list(cell, found)
    return "" if cell is None or (isinstance(cell, float) and math.isnan(cell)) else str(cell)


def _of_list(items: Iterable[Any], found: Counter[str]) -> str:
    texts = [text for text in (_text(item, found) for item in items) if text]
    if len(texts) > 1:
        found[""] += 1
    return texts[0] if texts else ""


def _of_mapping(cell: Mapping[Any, Any], found: Counter[str]) -> str:
    keys = sorted(cell, key=lambda key: _PREFERRED.index(key) if key in _PREFERRED else 99)
    spoken = [key for key in keys if isinstance(cell[key], (str, list, tuple, Mapping))]
    key = next((key for key in spoken if _text(cell[key], Counter())), None)
    if key is None:
        return ""
    if len(cell) > 1:
        found[str(key)] += 1
    return _text(cell[key], found)


def _is_numbers(text: str) -> bool:
    try:
        return all(math.isfinite(float(word)) for word in text.split())
    except ValueError:
        return False
