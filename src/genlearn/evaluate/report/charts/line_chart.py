"""Line charts. Curves of several models under one title share one chart: a colour for each model, a
dash for each line of a model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ....core.panels import Array, LinePanel
from ..markup import Html, short, tag
from .axis import Axis, fit_axis, tick_labels

_WIDTH, _HEIGHT = 560.0, 330.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 12.0, 12.0, 46.0
_POINTS = 400  # of a line: more than there are pixels helps nobody
_DOTS = 12  # a line of so few points shows them


@dataclass(frozen=True)
class Line:
    """One line: its name in the legend, its points (k, 2), its colour class and the number of its
    dash."""

    name: str
    points: Array
    colour: str
    dash: int


def merge_lines(owned: list[tuple[str, str, LinePanel]]) -> list[Line]:
    """The lines of (owner, colour, panel): named by the owner, and by their own names where a panel
    has several or no owner.

    What several owners have alike (a reference that all are held against) is one line of nobody's.
    """
    lines: dict[tuple[str, bytes], Line] = {}
    for owner, colour, panel in owned:
        for dash, (name, series) in enumerate(panel.series.items()):
            points = np.asarray(series, np.float64).reshape(-1, 2)
            parts = [owner, name] if len(panel.series) > 1 or not owner else [owner]
            line = Line(" · ".join(filter(None, parts)) or panel.y, points, colour, dash)
            same = (name or owner, points.tobytes())
            lines[same] = Line(name, points, "cx", dash) if same in lines and name else line
    return list(lines.values())


def line_chart(panel: LinePanel, lines: list[Line]) -> Html:
    """A chart of lines with the axes of ``panel`` and its legend."""
    points = np.concatenate([line.points for line in lines] or [np.zeros((0, 2))])
    x = fit_axis(points[:, 0].tolist(), _LEFT, _WIDTH - _RIGHT, log=panel.log_x, pad=0.02)
    y = fit_axis(_central(points[:, 1]), _HEIGHT - _BOTTOM, _TOP, log=panel.log_y)
    told = tag(
        "title",
        f"{panel.title}: {panel.y} over {panel.x}; lines: {', '.join(line.name for line in lines)}",
    )
    parts = (told, _frame(panel, x, y), [_line(line, x, y) for line in lines])
    picture = tag(
        "svg", parts, viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}", role="img", class_="chart curves"
    )
    return tag("div", picture, legend(lines), class_="linechart")


def legend(lines: list[Line]) -> Html | None:
    """Names of the lines beside pieces of them."""
    if len(lines) < 2:
        return None
    return tag("ul", [tag("li", _key(line), line.name) for line in lines], class_="legend")


def _key(line: Line) -> Html:
    stroke = tag("line", x1=1, x2=21, y1=5, y2=5, class_=f"line {line.colour} dash{line.dash % 4}")
    return tag("svg", stroke, viewBox="0 0 22 10", class_="key", aria_hidden="true")


def _central(values: Array) -> list[float]:
    """Finite values; a first few that lie far outside all others (losses before training) do not
    set the axis."""
    kept = values[np.isfinite(values)]
    if len(kept) < 20:
        return list(kept)
    low, high = np.percentile(kept, [1, 98])
    room = 1.5 * (high - low)
    return list(kept[(kept >= low - room) & (kept <= high + room)])


def _line(line: Line, x: Axis, y: Axis) -> Html:
    points = line.points[np.isfinite(line.points).all(1)]
    points = points[(points[:, 0] > 0) | (not x.log)]
    points = points[(points[:, 1] > 0) | (not y.log)]
    points = points[:: math.ceil(len(points) / _POINTS) or 1]
    places = [(x(float(a)), min(max(y(float(b)), _TOP), _HEIGHT - _BOTTOM)) for a, b in points]
    path = tag(
        "polyline",
        tag("title", line.name),
        points=" ".join(f"{short(a)},{short(b)}" for a, b in places),
        class_=f"line dash{line.dash % 4}",
    )
    dots = [tag("circle", cx=a, cy=b, r=2.6) for a, b in places] if len(places) <= _DOTS else None
    return tag("g", path, dots, class_=line.colour)


def _frame(panel: LinePanel, x: Axis, y: Axis) -> Html:
    """Grid, ticks and the names of both axes."""
    across, up = x.ticks(6), y.ticks(5)
    foot = _HEIGHT - _BOTTOM
    lines = [tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y(t), y2=y(t), class_="grid") for t in up]
    lines.append(tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=foot, y2=foot, class_="axis"))
    below = [
        tag("text", s, x=min(x(t), _WIDTH - 14), y=foot + 17, class_="middle tick")
        for t, s in zip(across, tick_labels(x, across), strict=True)
    ]
    beside = [
        tag("text", s, x=_LEFT - 8, y=y(t) + 4, class_="end tick")
        for t, s in zip(up, tick_labels(y, up), strict=True)
    ]
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    across_name = tag("text", panel.x + _log(x), x=middle, y=_HEIGHT - 8, class_="middle soft")
    up_name = tag(
        "text",
        panel.y + _log(y),
        x=13.0,
        y=(_TOP + foot) / 2,
        transform=f"rotate(-90 13 {(_TOP + foot) / 2:.0f})",
        class_="middle soft",
    )
    return tag("g", lines, below, beside, across_name, up_name)


def _log(axis: Axis) -> str:
    return " (log scale)" if axis.log else ""
