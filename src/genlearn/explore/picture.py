"""A sheet as one picture, or as the frames of a film."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from ..core.image_grid import Labels, font, image_grid
from ..core.spec import ImageSpec
from .question import LARGEST, LARGEST_FRAME, Shown
from .sheet import Curves, Sheet

_SPACE, _HEIGHT, _TEXT = 12, 96, 11  # between sheets, of a chart, of its letters
_NARROWEST = 232  # pixels of a chart
_COLOURS, _FAINT = ("#1f6feb", "#d1495b"), "#b5b5b0"


def still(shown: Shown, spec: ImageSpec) -> Image.Image:
    """All of it, all moments beside one another."""
    parts = []
    for sheet in shown.sheets:
        labels = Labels(sheet.rows, sheet.columns)
        parts.append(image_grid(sheet.flat, spec, sheet.values.shape[1], labels=labels))
        if sheet.curves:
            parts.append(_chart(sheet.curves, max(parts[-1].width, _NARROWEST)))
    return _bounded(_stacked(parts), LARGEST)


def frames(shown: Shown, spec: ImageSpec) -> Iterator[Image.Image]:
    """The moments of the sheet that moves, one after another, and back again where it leads
    nowhere."""
    sheet = next(sheet for sheet in reversed(shown.sheets) if sheet.moves)
    count = sheet.values.shape[1]
    moments = [*range(count), *(reversed(range(1, count - 1)) if shown.back else ())]
    for moment in moments:
        yield _bounded(_stacked(_frame(sheet, moment, spec)), LARGEST_FRAME)


def _frame(sheet: Sheet, moment: int, spec: ImageSpec) -> list[Image.Image]:
    """A title, the images of a moment, and how the curves stood then."""
    values = sheet.values[:, moment]
    if _paired(sheet):
        columns, labels = 2, Labels(columns=sheet.rows[:2])
    elif sheet.rows:
        columns, labels = 1, Labels(rows=sheet.rows)
    else:
        columns, labels = math.ceil(math.sqrt(len(values))), Labels()
    grid = image_grid(values, spec, columns, labels=labels)
    title = f"{sheet.axis} {sheet.columns[moment]}".strip()
    parts = [_line(title, max(grid.width, _TEXT * 8)), grid]
    if sheet.curves:
        parts.append(_chart(sheet.curves, max(grid.width, _NARROWEST), moment))
    return parts


def _paired(sheet: Sheet) -> bool:
    """Whether the rows are pairs, which alternate."""
    pairs = len(sheet.rows) // 2
    return pairs > 0 and len(set(sheet.rows)) == 2 and sheet.rows == sheet.rows[:2] * pairs


def _line(text: str, width: int) -> Image.Image:
    line = Image.new("RGB", (width, _TEXT + 6), "white")
    ImageDraw.Draw(line).text((2, 1), text, "#2b2b2b", font(_TEXT))
    return line


def _chart(curves: Curves, width: int, moment: int | None = None) -> Image.Image:
    """Lines over time in [0, 1], up to a moment where one is given."""
    chart = Image.new("RGB", (width, _HEIGHT + _TEXT + 6), "white")
    pen, first, last = ImageDraw.Draw(chart), 0.0, max(curves.at[-1], 1.0)
    end = last if moment is None else curves.at[moment]

    def place(x: float, y: float) -> tuple[float, float]:
        return 4 + (x - first) / (last - first) * (width - 9), _TEXT + 8 + (1 - y) * (_HEIGHT - 6)

    for level, shade in ((0.0, _FAINT), (curves.level, _FAINT), (1.0, _FAINT)):
        pen.line([place(first, level), place(last, level)], shade)
    left = 4.0
    for (name, line), colour in zip(curves.lines.items(), _COLOURS, strict=False):
        x, y = line.T
        value = float(np.interp(end, x, y))
        points = [*((a, b) for a, b in line if a < end), (end, value)]
        pen.line([place(*point) for point in points], colour, 2)
        label = f"{name} {value:.2f}"
        pen.text((left, 1), label, colour, font(_TEXT))
        left += font(_TEXT).getlength(label) + _TEXT
    return chart


def _stacked(parts: list[Image.Image]) -> Image.Image:
    """One below another, on white."""
    if len(parts) == 1:
        return parts[0]
    gap = _SPACE // 3
    height = sum(part.height for part in parts) + gap * (len(parts) - 1)
    canvas = Image.new("RGB", (max(part.width for part in parts), height), "white")
    top = 0
    for part in parts:
        canvas.paste(part.convert("RGB"), (0, top))
        top += part.height + gap
    return canvas


def _bounded(picture: Image.Image, largest: int) -> Image.Image:
    """``picture``, by a whole factor smaller where a few large images take more room than that."""
    factor = math.ceil(max(picture.size) / (1.25 * largest))
    return picture.reduce(factor) if factor > 1 else picture
