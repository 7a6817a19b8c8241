"""The most unusual examples as a contact sheet, each with its rank."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from ...data.inspect.contact_sheet import contact_sheet
from .find import Outliers

SHOWN = 64


def outlier_sheet(found: Outliers) -> Image.Image:
    """The first 64 images of ``found`` in a grid, row by row, the most unusual first; below each
    its rank and p-value."""
    first = found.table.head(SHOWN)
    p_values = first[f"{next(iter(found.scores))}_p"]
    captions = [f"{rank}. p {p:.2g}" for rank, p in zip(first["rank"], p_values, strict=True)]
    shown = found.data.take(first["index"].to_numpy())
    return contact_sheet(replace(shown, labels=None, captions=captions))
