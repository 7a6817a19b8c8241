"""Histograms in small multiples: real shares as filled bars, drawn ones as an outline."""

from __future__ import annotations

import numpy as np

from ....core.panels import Array, HistogramPanel
from ..markup import Html, short, tag

_WIDTH, _HEIGHT, _TOP, _BOTTOM = 200.0, 92.0, 20.0, 16.0


def histograms(panel: HistogramPanel, colour: str) -> Html:
    """All columns of ``panel``, the drawn ones in the class ``colour``."""
    figures = [
        _figure(name, shares, ends, distance, colour)
        for (name, shares), ends, distance in zip(
            panel.shares.items(), panel.ends, panel.distances, strict=True
        )
    ]
    return tag("div", figures, class_="histograms")


def _figure(name: str, shares: Array, ends: tuple[str, str], distance: float, colour: str) -> Html:
    """One column: ``shares`` (k, 2) of real and of drawn rows."""
    real, drawn = np.asarray(shares, np.float64).T
    width, most = _WIDTH / max(1, len(real)), max(1e-9, float(np.max(shares, initial=0)))
    base, height = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP
    bars = [
        tag(
            "rect",
            x=i * width,
            y=base - share / most * height,
            width=max(0.5, width - 1),
            height=share / most * height,
        )
        for i, share in enumerate(real)
    ]
    tops = [short(base - share / most * height) for share in drawn]
    steps = [f"M0,{short(base)}"] + [f"V{y}H{short((i + 1) * width)}" for i, y in enumerate(tops)]
    parts = (
        tag("title", f"{name}: total variation of real and sampled rows {distance:.3f}"),
        tag("text", clipped(name), x=0.0, y=11.0),
        tag("text", f"{distance:.2f}", x=_WIDTH, y=11.0, class_="end soft"),
        tag("g", bars, class_="bars"),
        tag("path", d=f"{''.join(steps)}V{short(base)}", class_=f"outline {colour}"),
        tag("text", clipped(ends[0], 14), x=0.0, y=_HEIGHT - 4, class_="tick"),
        tag("text", clipped(ends[1], 14), x=_WIDTH, y=_HEIGHT - 4, class_="tick end"),
    )
    return tag("svg", parts, viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}", role="img", class_="chart")


def clipped(text: str, most: int = 24) -> str:
    """``text``, or what of it fits, with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"
