"""Maps: points in the plane coloured by class, with some of the images they stand for.

Both axes have one scale, so that distances mean the same in all directions. Thumbnails sit in the
cells of a grid that is coarser than they are wide, so no two overlap; each shows the point nearest
to the middle of its cell. Ten colours, told apart with any kind of colour vision, then the same
with square markers; the legend can be read without colours, and a point under the pointer says its
class.
"""

from __future__ import annotations

import math

import numpy as np

from ....core.image_grid import shown_size
from ....core.panels import Array, ScatterPanel
from ....core.spec import DataSpec, ImageSpec
from ..image_sprites import sprite_id, sprite_view_box
from ..markup import Html, short, tag

_WIDTH, _PAD = 520.0, 18.0
_CELL, _THUMB = 40.0, 24.0
_MOST = 1000  # points


def latent_map(panel: ScatterPanel, spec: DataSpec, owner: str) -> Html:
    """One map, at most `_MOST` of its points."""
    points, height = to_canvas(np.asarray(panel.points, np.float64)[:_MOST])
    labels = (
        np.zeros(len(points), int)
        if panel.labels is None
        else np.asarray(panel.labels)[: len(points)].astype(int)
    )
    told = f"{panel.title}{' of ' + owner if owner else ''}: {len(points)} points"
    dots = [_class(panel, points, labels, c) for c in np.unique(labels[np.isfinite(points).all(1)])]
    thumbs = (
        _thumbnails(panel, points, labels, spec)
        if panel.values is not None and isinstance(spec, ImageSpec)
        else None
    )
    extra: dict[str, str] = {}
    if panel.values is not None and isinstance(spec, ImageSpec):
        columns = math.ceil(math.sqrt(len(panel.values)))
        tile_height, tile_width = shown_size(spec)
        extra = {
            "data_sprite": sprite_id(panel.values),
            "data_columns": str(columns),
            "data_tile": f"{tile_width} {tile_height}",
        }
    box = f"0 0 {_WIDTH:.0f} {height:.0f}"
    return tag(
        "svg",
        tag("title", told),
        dots,
        thumbs,
        viewBox=box,
        role="img",
        class_="chart map",
        tabindex="0",
        data_map=True,
        **extra,
    )


def to_canvas(points: Array) -> tuple[Array, float]:
    """Points on paper, both axes at one scale, and the height that they need."""
    kept = points[np.isfinite(points).all(1)]
    if len(kept) == 0:
        return points, _CELL
    low, extent = kept.min(0), np.maximum(np.ptp(kept, axis=0), 1e-12)
    scale = min((_WIDTH - 2 * _PAD) / extent[0], (_WIDTH - 2 * _PAD) / extent[1])
    needed = extent[1] * scale + 2 * _PAD
    height = (
        _WIDTH if needed > 0.6 * _WIDTH else _CELL * math.ceil(max(needed, 0.4 * _WIDTH) / _CELL)
    )
    corner = np.array([(_WIDTH - extent[0] * scale) / 2, (height - extent[1] * scale) / 2])
    moved = corner + (points - low) * scale
    moved[:, 1] = height - moved[:, 1]
    return moved, float(height)


def legend(panel: ScatterPanel) -> Html | None:
    """Classes beside their markers."""
    if panel.labels is None or not panel.classes:
        return None
    return tag(
        "ul", [tag("li", _key(c), name) for c, name in enumerate(panel.classes)], class_="legend"
    )


def _key(c: int) -> Html:
    return tag(
        "svg",
        _marker(c, 5.0, 5.0, None, 4.0),
        viewBox="0 0 10 10",
        class_=f"key dotkey {class_colour(c)}",
        aria_hidden="true",
    )


def class_colour(c: int) -> str:
    """The CSS class of a class of the data."""
    return f"c{c % 10}"


def _class(panel: ScatterPanel, points: Array, labels: Array, c: int) -> Html:
    """All points of a class."""
    name = panel.classes[c] if panel.labels is not None and 0 <= c < len(panel.classes) else ""
    marks = [
        _marker(c, float(points[i, 0]), float(points[i, 1]), int(i), 2.6)
        for i in np.flatnonzero(labels == c)
        if np.isfinite(points[i]).all()
    ]
    return tag(
        "g", marks, class_=class_colour(c) if panel.labels is not None else "cx", data_class=name
    )


def _marker(c: int, x: float, y: float, index: int | None, r: float) -> Html:
    """A disc, or a square for the second ten classes, a diamond for the third."""
    number = None if index is None else str(index)
    if c // 10 % 3 == 0:
        return tag("circle", cx=float(x), cy=float(y), r=r, data_i=number)
    turn = f"rotate(45 {short(x)} {short(y)})" if c // 10 % 3 == 2 else None
    return tag(
        "rect",
        x=float(x - r),
        y=float(y - r),
        width=2 * r,
        height=2 * r,
        transform=turn,
        data_i=number,
    )


def _thumbnails(panel: ScatterPanel, points: Array, labels: Array, spec: ImageSpec) -> Html:
    chosen = nearest_to_cells(points)
    return tag(
        "g",
        [_thumbnail(panel, i, centre, int(labels[i]), spec) for i, centre in chosen.items()],
        class_="thumbs",
    )


def nearest_to_cells(points: Array) -> dict[int, Array]:
    """For each cell that holds points, the index of the one nearest to the cell's middle, and that
    middle."""
    chosen: dict[tuple[int, int], tuple[float, int, Array]] = {}
    for i in np.flatnonzero(np.isfinite(points).all(1)):
        cell = np.floor(points[i] / _CELL)
        centre = (cell + 0.5) * _CELL
        distance = float(np.hypot(*(points[i] - centre)))
        key = (int(cell[0]), int(cell[1]))
        if key not in chosen or distance < chosen[key][0]:
            chosen[key] = (distance, int(i), centre)
    return {i: centre for _, i, centre in chosen.values()}


def _thumbnail(panel: ScatterPanel, i: int, centre: Array, c: int, spec: ImageSpec) -> Html:
    assert panel.values is not None
    c_h, c_w = shown_size(spec)
    width, height = (_THUMB * side / max(c_h, c_w) for side in (c_w, c_h))
    x, y = float(centre[0] - width / 2), float(centre[1] - height / 2)
    use = tag("use", href=f"#{sprite_id(panel.values)}")
    view = sprite_view_box(i, len(panel.values), spec)
    image = tag(
        "svg", use, x=x, y=y, width=width, height=height, viewBox=view, preserveAspectRatio="none"
    )
    frame = tag(
        "rect",
        x=x - 1,
        y=y - 1,
        width=width + 2,
        height=height + 2,
        rx=1.5,
        data_i=str(i),
        class_="frame",
    )
    return tag("g", image, frame, class_=class_colour(c) if panel.labels is not None else "cx")
