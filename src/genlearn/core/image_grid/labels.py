"""Names of the rows and columns of a grid, in Pillow's own font: a row's at its left, a column's
above it.

What is longer than its place is broken into lines and then cut short; where a column has no room
for a few letters, it has no name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from ..text import printable

_INK = "#2b2b2b"
_SMALLEST, _LARGEST = 11, 32  # pixels of the font, which grows with the images
_WIDEST = 14  # a row's name, in heights of the font
_FEW = 3  # letters that are worth showing of a name that has no room


@dataclass(frozen=True)
class Labels:
    """``rows`` and ``columns`` of a grid by name, from the first on; without names, none."""

    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def of(self, rows: int, columns: int) -> Labels:
        """Those of a grid of so many, on one line each that steers nothing."""
        return replace(
            self,
            rows=tuple(printable(name) for name in self.rows[:rows]),
            columns=tuple(printable(name) for name in self.columns[:columns]),
        )


def labelled(sheet: Image.Image, labels: Labels, height: int, width: int) -> Image.Image:
    """``sheet``, a grid whose cells are ``height`` and ``width`` apart, with room for the
    ``labels`` at its left and above."""
    size = min(_LARGEST, max(_SMALLEST, min(height, width) // 12))
    line, pad = size + 3, size // 2
    heads = [_fitting(name, width - pad, size) for name in labels.columns]
    names = [_lines(name, max(1, height // line), size) for name in labels.rows]
    top = line + pad if any(heads) else 0
    lengths = [font(size).getlength(part) for parts in names for part in parts]
    left = round(max(lengths)) + 2 * pad if any(lengths) else 0
    canvas = Image.new(sheet.mode, (left + sheet.width, top + sheet.height), "white")
    canvas.paste(sheet, (left, top))
    pen = ImageDraw.Draw(canvas)
    for column, name in enumerate(heads):
        pen.text((left + (column + 0.5) * width, top), name, _INK, font(size), anchor="md")
    for row, parts in enumerate(names):
        for number, part in enumerate(parts):
            middle = top + (row + 0.5) * height + (number - (len(parts) - 1) / 2) * line
            pen.text((left - pad, middle), part, _INK, font(size), anchor="rm")
    return canvas


@lru_cache
def font(size: int) -> Any:
    """PIL's own font."""
    return ImageFont.load_default(size)


def shortened(text: str, width: float, size: int) -> str:
    """``text`` or as much of its beginning as so many pixels hold."""
    if font(size).getlength(text) <= width:
        return text
    while text and font(size).getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _fitting(name: str, width: float, size: int) -> str:
    short = shortened(name, width, size)
    return short if short == name or len(short) > _FEW else ""


def _lines(name: str, most: int, size: int) -> list[str]:
    """``name`` in at most so many lines of words."""
    lines: list[str] = []
    for word in name.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font(size).getlength(longer) <= _WIDEST * size:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = [*lines[: most - 1], " ".join(lines[most - 1 :])] if len(lines) > most else lines
    return [shortened(line, _WIDEST * size, size) for line in kept]
