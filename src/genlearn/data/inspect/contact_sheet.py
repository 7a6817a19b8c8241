"""A contact sheet: examples in a grid, one row for each class where there are classes, their
captions below where there are captions.

Tiny images are enlarged by whole factors, pixel by pixel, because smoothing would hide what the
pixels are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from ...core.image_grid import font, shortened, shown_size, to_bytes
from ...core.spec import ImageSpec, TableSpec, VectorSpec
from ..dataset import Array, Dataset
from .histograms import histograms

BACKGROUND, INK, FAINT = "#f6f6f4", "#2b2b2b", "#8a8a86"
_TILE, _GAP, _MARGIN = 72, 6, 18
_MOST, _COLUMNS, _ROWS = 64, 8, 10


def contact_sheet(data: Dataset) -> Image.Image:
    """A picture of up to 64 examples, or of the histograms of a table's columns."""
    if isinstance(data.spec, (TableSpec, VectorSpec)):
        return histograms(data)
    rows = (
        _by_class(data) if data.labels is not None and len(data.spec.classes) > 1 else _evenly(data)
    )
    return Sheet(data, rows).draw()


@dataclass(frozen=True)
class Sheet:
    """``rows``: (title, indices of the examples) of each row; the first of each stands in a frame
    where rows are ``led``."""

    data: Dataset
    rows: list[tuple[str, Array]]
    led: bool = False

    def draw(self) -> Image.Image:
        left = _MARGIN + max((_width(title) + 12 for title, _ in self.rows if title), default=0)
        width = (
            left + max(len(row) for _, row in self.rows) * (self._tile[0] + _GAP) - _GAP + _MARGIN
        )
        sheet = Image.new(
            "RGB", (width, 2 * _MARGIN + len(self.rows) * self._step - _GAP), BACKGROUND
        )
        for number, (title, row) in enumerate(self.rows):
            self._draw_row(
                ImageDraw.Draw(sheet), sheet, (left, _MARGIN + number * self._step), title, row
            )
        return sheet

    def _draw_row(
        self,
        pen: ImageDraw.ImageDraw,
        sheet: Image.Image,
        corner: tuple[int, int],
        title: str,
        row: Array,
    ) -> None:
        (x, y), (w, h) = corner, self._tile
        pen.text((x - 12, y + h // 2), title, INK, font(13), anchor="rm")
        for place, i in enumerate(row):
            sheet.paste(
                _picture(self.data, int(i)).resize((w, h), Image.Resampling.NEAREST),
                (x + place * (w + _GAP), y),
            )
            if self.led and not place:
                pen.rectangle((x - 3, y - 3, x + w + 2, y + h + 2), outline=INK, width=2)
            if self.data.captions:
                text = shortened(self.data.captions[int(i)], w, 10)
                pen.text(
                    (x + place * (w + _GAP) + w // 2, y + h + 3), text, FAINT, font(10), anchor="ma"
                )

    @property
    def _tile(self) -> tuple[int, int]:
        assert isinstance(self.data.spec, ImageSpec)
        h, w = shown_size(self.data.spec)
        scale = max(1, round(_TILE / max(h, w)))
        return w * scale, h * scale

    @property
    def _step(self) -> int:
        return self._tile[1] + _GAP + (14 if self.data.captions else 0)


def _evenly(data: Dataset) -> list[tuple[str, Array]]:
    """Rows of examples taken at even steps through the data."""
    chosen = np.linspace(0, len(data) - 1, min(_MOST, len(data))).round().astype(int)
    return [("", chosen[start : start + _COLUMNS]) for start in range(0, len(chosen), _COLUMNS)]


def _by_class(data: Dataset) -> list[tuple[str, Array]]:
    """A row of first examples of each class, of the largest classes where there are many."""
    assert data.labels is not None
    counts = np.bincount(data.labels, minlength=len(data.spec.classes))
    shown = sorted(np.argsort(-counts, kind="stable")[:_ROWS])
    columns = min(_COLUMNS, _MOST // len(shown))
    return [
        (data.spec.classes[k], np.flatnonzero(data.labels == k)[:columns])
        for k in shown
        if counts[k]
    ]


def _picture(data: Dataset, i: int) -> Image.Image:
    """Example ``i`` with its range mapped to black and white, transparency on the sheet's
    background."""
    assert isinstance(data.spec, ImageSpec)
    values = np.nan_to_num(data.values[i : i + 1].astype(np.float64))
    image = Image.fromarray(to_bytes(values, data.spec)[0]).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, BACKGROUND), image).convert("RGB")


def _width(text: str) -> int:
    return int(font(13).getlength(text))
