"""Drawings in the plane, and grids of numbers, as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from ...core.capabilities import Array
from ...evaluate.report.image_sprites import png_data_uri
from ...evaluate.report.markup import Html, short, tag
from ..figures import Cells, Plane

Scale = Callable[[Array], list[tuple[float, float]]]  # points (n, 2) -> places on paper

_SIDE = 360.0
_CELL, _GAP = 44.0, 34.0
_HEAT = {"low": (0, 158, 115), "high": (213, 94, 0)}  # Okabe & Ito 2008


def plane(one: Plane) -> Html:
    """Ground, arrows, ellipses and points, in this order, with a legend of the points."""
    to = _scale(one.extent)
    points = [
        tag(
            "g",
            [tag("circle", cx=x, cy=y, r=2.4) for x, y in to(some)],
            class_=f"dots c{i}",
        )
        for i, some in enumerate(one.points.values())
    ]
    ground = None if one.heat is None else _ground(one.heat)
    drawn = [ground, _arrows(one, to), _ellipses(one, to), points]
    box = f"0 0 {_SIDE:.0f} {_SIDE:.0f}"
    names = [tag("li", tag("i", class_=f"spot c{i}"), name) for i, name in enumerate(one.points)]
    picture = tag(
        "svg",
        tag("title", f"{one.title}: {', '.join(one.points)}"),
        drawn,
        viewBox=box,
        role="img",
        class_="chart plane",
    )
    return tag("div", picture, tag("ul", names, class_="legend"))


def _scale(extent: tuple[float, float, float, float]) -> Scale:
    left, right, bottom, top = extent

    def to(points: Array) -> list[tuple[float, float]]:
        """Places on paper of the points that lie inside."""
        x = (np.asarray(points, float)[:, 0] - left) / (right - left) * _SIDE
        y = (top - np.asarray(points, float)[:, 1]) / (top - bottom) * _SIDE
        inside = (x >= 0) & (x <= _SIDE) & (y >= 0) & (y <= _SIDE)
        return [(float(a), float(b)) for a, b in zip(x[inside], y[inside], strict=True)]

    return to


def _ground(heat: Array) -> Html:
    """``heat`` as colours: one where it is 0, another where it is 1, clear in the middle."""
    away = (np.clip(heat, 0, 1) - 0.5)[::-1] * 2
    colours = np.where(away[..., None] > 0, _HEAT["high"], _HEAT["low"])
    alpha = (np.abs(away) * 150)[..., None]
    image = Image.fromarray(np.concatenate([colours, alpha], -1).astype(np.uint8), "RGBA")
    return tag(
        "image",
        href=png_data_uri(image),
        width=_SIDE,
        height=_SIDE,
        preserveAspectRatio="none",
    )


def _arrows(one: Plane, to: Scale) -> Html | None:
    if one.arrows is None:
        return None
    left, right, bottom, top = one.extent
    unit = np.array([_SIDE / (right - left), -_SIDE / (top - bottom)])
    marks = []
    for place, step in zip(one.arrows[:, :2], one.arrows[:, 2:] * unit, strict=True):
        found = to(place[None])
        if found and np.hypot(*step) > 1:
            (x, y), (dx, dy) = found[0], (float(step[0]), float(step[1]))
            marks.append(_arrow(x, y, dx, dy))
    return tag("g", marks, class_="arrows")


def _arrow(x: float, y: float, dx: float, dy: float) -> Html:
    """A line with a head of two strokes."""
    length = math.hypot(dx, dy)
    head = min(4.5, 0.4 * length)
    ux, uy = dx / length * head, dy / length * head
    tip_x, tip_y = x + dx, y + dy
    path = (
        f"M{short(x)} {short(y)}L{short(tip_x)} {short(tip_y)}"
        f"M{short(tip_x - ux - uy)} {short(tip_y - uy + ux)}L{short(tip_x)} {short(tip_y)}"
        f"L{short(tip_x - ux + uy)} {short(tip_y - uy - ux)}"
    )
    return tag("path", d=path)


def _ellipses(one: Plane, to: Scale) -> Html | None:
    if one.ellipses is None:
        return None
    left, right, *_ = one.extent
    unit = _SIDE / (right - left)
    marks = []
    for x, y, xx, xy, yy in one.ellipses:
        values, vectors = np.linalg.eigh(np.array([[xx, xy], [xy, yy]]))
        turn = -math.degrees(math.atan2(vectors[1, 1], vectors[0, 1]))
        for a, b in to(np.array([[x, y]])):
            marks.append(
                tag(
                    "ellipse",
                    cx=a,
                    cy=b,
                    rx=float(math.sqrt(max(values[1], 0)) * unit),
                    ry=float(math.sqrt(max(values[0], 0)) * unit),
                    transform=f"rotate({short(turn)} {short(a)} {short(b)})",
                )
            )
    return tag("g", marks, class_="ellipses")


def cells(one: Cells) -> Html:
    """Grids side by side, under their names."""
    left, parts, tallest = 0.0, [], max(len(grid) for grid in one.grids.values())
    for name, grid in one.grids.items():
        lit = {(int(r), int(c)) for r, c in one.lit.get(name, np.zeros((0, 2)))}
        width = grid.shape[1] * _CELL
        parts.append(tag("text", name, x=left + width / 2, y=14.0, class_="middle soft"))
        parts += [
            _cell(left + c * _CELL, 24 + r * _CELL, float(grid[r, c]), (r, c) in lit)
            for r, c in np.ndindex(*grid.shape)
        ]
        left += width + _GAP
    width, height = left - _GAP, 26 + tallest * _CELL
    box = f"-1 0 {width + 2:.0f} {height:.0f}"
    about = tag("title", f"{one.title}: {', '.join(one.grids)}")
    return tag(
        "svg",
        about,
        parts,
        viewBox=box,
        role="img",
        class_="chart cells",
        style=f"max-width:{width:.0f}px",
    )


def _cell(x: float, y: float, value: float, lit: bool) -> Html:
    box = tag("rect", x=x, y=y, width=_CELL, height=_CELL, class_="lit" if lit else None)
    text = "" if math.isnan(value) else f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−")
    text = "0" if text in ("−0", "") and not math.isnan(value) else text
    return tag("g", box, tag("text", text, x=x + _CELL / 2, y=y + _CELL / 2 + 4, class_="middle"))
