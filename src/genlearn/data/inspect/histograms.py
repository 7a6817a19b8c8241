"""Small multiples: one histogram for each column of a table, all of one size, each with its own
range written below; bars for levels, the commonest first."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ...core.spec import TableSpec
from ..dataset import Array, Dataset
from ..vector_spec import column_names
from .columns import at, by_count

_BACKGROUND, _PANEL, _BAR, _INK, _FAINT = "#f6f6f4", "#ffffff", "#4878b0", "#2b2b2b", "#8a8a86"
_W, _H, _GAP, _MARGIN = 180, 110, 12, 18
_COLUMNS, _MOST, _BINS = 4, 24, 30


def histograms(data: Dataset) -> Image.Image:
    """A picture of the first 24 columns of a table."""
    names = column_names(data.spec)[:_MOST]
    across, down = min(_COLUMNS, len(names)), -(-len(names) // _COLUMNS)
    size = (2 * _MARGIN + across * (_W + _GAP) - _GAP, 2 * _MARGIN + down * (_H + _GAP) - _GAP)
    sheet = Image.new("RGB", size, _BACKGROUND)
    for i, name in enumerate(names):
        corner = (_MARGIN + i % _COLUMNS * (_W + _GAP), _MARGIN + i // _COLUMNS * (_H + _GAP))
        counts, ends = _counts(data, i)
        _panel(ImageDraw.Draw(sheet), corner, name, counts, ends)
    return sheet


def _counts(data: Dataset, i: int) -> tuple[Array, tuple[str, str]]:
    """Heights of the bars of column ``i``, and what stands below the first and the last."""
    column = data.values[:, i].astype(np.float64)
    column = column[np.isfinite(column)]
    if not len(column):
        return np.zeros(0), ("", "")
    field = data.spec.fields[i] if isinstance(data.spec, TableSpec) else None
    if field is not None and field.levelled:
        order, counts = by_count(column, field)
        first, last = (str(field.levels[order[k]])[:14] for k in (0, min(len(order), _BINS) - 1))
        return counts[:_BINS], (first, last if len(order) > 1 else "")
    ends = (at(column.min(), field), at(column.max(), field))
    return np.histogram(column, _BINS)[0], ends


def _panel(
    pen: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    name: str,
    counts: Array,
    ends: tuple[str, str],
) -> None:
    x, y = corner
    pen.rounded_rectangle((x, y, x + _W, y + _H), 4, _PANEL)
    pen.text((x + 8, y + 6), name[:26], _INK, ImageFont.load_default(12))
    if not len(counts):
        return
    _bars(pen, x + 8, y + 26, counts)
    for place, text, anchor in ((x + 8, ends[0], "ls"), (x + _W - 8, ends[1], "rs")):
        pen.text((place, y + _H - 6), text, _FAINT, ImageFont.load_default(10), anchor=anchor)


def _bars(pen: ImageDraw.ImageDraw, x: int, y: int, counts: Array) -> None:
    width, height = (_W - 16) / len(counts), _H - 26 - 22
    for i, share in enumerate(counts / counts.max()):
        if share:
            top = y + height - max(1, share * height)
            pen.rectangle(
                (round(x + i * width), round(top), round(x + (i + 1) * width) - 2, y + height), _BAR
            )
