"""Joint tables of pairs of columns in small multiples: real rows to the left, drawn ones to the
right; the fuller a cell, the darker, on one scale for both."""

from __future__ import annotations

import math

import numpy as np

from ....core.panels import Array, PairsPanel
from ..markup import Html, tag
from .histograms import clipped

_SIDE, _GAP, _TOP, _BOTTOM, _LEFT = 94.0, 8.0, 20.0, 16.0, 12.0
_WIDTH, _HEIGHT = _LEFT + 2 * _SIDE + _GAP, _TOP + _SIDE + _BOTTOM


def joint_tables(panel: PairsPanel, colour: str) -> Html:
    """All pairs of ``panel``, the drawn rows in the class ``colour``."""
    figures = [
        _figure(names, np.asarray(shares, np.float64), similarity, colour)
        for names, shares, similarity in zip(
            panel.names, panel.shares.values(), panel.similarities, strict=True
        )
    ]
    return tag("div", figures, class_="histograms pairs")


def _figure(names: tuple[str, str], shares: Array, similarity: float, colour: str) -> Html:
    """One pair: ``shares`` (2, k, l), the first column from the bottom up, the second from left to
    right."""
    most, (first, second) = max(1e-9, float(shares.max(initial=0))), names
    middle = _TOP + _SIDE / 2
    parts = (
        tag("title", f"{first} and {second}: {similarity:.3f} alike in real and sampled rows"),
        tag("text", "real", x=_LEFT, y=13.0, class_="tick"),
        tag("text", "sampled", x=_LEFT + _SIDE + _GAP, y=13.0, class_="tick"),
        tag("text", f"{similarity:.2f}", x=_WIDTH, y=13.0, class_="end soft"),
        tag("g", _cells(shares[0], most, _LEFT), class_="bars"),
        tag("g", _cells(shares[1], most, _LEFT + _SIDE + _GAP), class_=f"drawn {colour}"),
        tag(
            "text",
            clipped(first, 16),
            x=9.0,
            y=middle,
            transform=f"rotate(-90 9 {middle:.0f})",
            class_="tick middle",
        ),
        tag("text", clipped(second, 30), x=_LEFT, y=_HEIGHT - 4, class_="tick"),
    )
    return tag("svg", parts, viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}", role="img", class_="chart")


def _cells(shares: Array, most: float, left: float) -> list[Html]:
    height, width = (_SIDE / size for size in shares.shape)
    frame = tag("rect", x=left, y=_TOP, width=_SIDE, height=_SIDE, fill_opacity=0.08)
    return [frame] + [
        tag(
            "rect",
            x=round(left + j * width, 2),
            y=round(_TOP + _SIDE - (i + 1) * height, 2),
            width=round(width, 2),
            height=round(height, 2),
            # equal steps of the root are easier to tell apart where most cells are nearly empty
            fill_opacity=round(math.sqrt(share / most), 3),
        )
        for (i, j), share in np.ndenumerate(shares)
        if share > 0
    ]
