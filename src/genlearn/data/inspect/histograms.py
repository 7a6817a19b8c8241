"""Small multiples: one histogram for each column of a table, all of one size, each with its own
range written below."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..dataset import Array

_BACKGROUND, _PANEL, _BAR, _INK, _FAINT = "#f6f6f4", "#ffffff", "#4878b0", "#2b2b2b", "#8a8a86"
_W, _H, _GAP, _MARGIN = 180, 110, 12, 18
_COLUMNS, _MOST, _BINS = 4, 24, 30


def histograms(values: Array, columns: tuple[str, ...]) -> Image.Image:
    """A picture of the first 24 columns of ``values`` (N, D)."""
    names = columns[:_MOST]
    across, down = min(_COLUMNS, len(names)), -(-len(names) // _COLUMNS)
    size = (2 * _MARGIN + across * (_W + _GAP) - _GAP, 2 * _MARGIN + down * (_H + _GAP) - _GAP)
    sheet = Image.new("RGB", size, _BACKGROUND)
    for i, name in enumerate(names):
        corner = (_MARGIN + i % _COLUMNS * (_W + _GAP), _MARGIN + i // _COLUMNS * (_H + _GAP))
        _panel(ImageDraw.Draw(sheet), corner, name, values[:, i].astype(np.float64))
    return sheet


def _panel(pen: ImageDraw.ImageDraw, corner: tuple[int, int], name: str, column: Array) -> None:
    x, y = corner
    column = column[np.isfinite(column)]
    pen.rounded_rectangle((x, y, x + _W, y + _H), 4, _PANEL)
    pen.text((x + 8, y + 6), name[:26], _INK, ImageFont.load_default(12))
    if len(column):
        _bars(pen, x + 8, y + 26, np.histogram(column, _BINS)[0])
        pen.text(
            (x + 8, y + _H - 6),
            f"{column.min():.4g}",
            _FAINT,
            ImageFont.load_default(10),
            anchor="ls",
        )
        pen.text(
            (x + _W - 8, y + _H - 6),
            f"{column.max():.4g}",
            _FAINT,
            ImageFont.load_default(10),
            anchor="rs",
        )


def _bars(pen: ImageDraw.ImageDraw, x: int, y: int, counts: Array) -> None:
    width, height = (_W - 16) / len(counts), _H - 26 - 22
    for i, share in enumerate(counts / counts.max()):
        if share:
            top = y + height - max(1, share * height)
            pen.rectangle(
                (round(x + i * width), round(top), round(x + (i + 1) * width) - 2, y + height), _BAR
            )
