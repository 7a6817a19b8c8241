"""Figures as HTML and SVG."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from ...core.panels import ImagePanel, LinePanel, ScatterPanel
from ...core.spec import DataSpec, ImageSpec
from ...evaluate.report.charts.latent_map import latent_map
from ...evaluate.report.charts.latent_map import legend as classes_legend
from ...evaluate.report.charts.line_chart import Line, line_chart
from ...evaluate.report.image_sprites import image_panel, sprite_id, sprite_sheet
from ...evaluate.report.markup import Html, tag
from ..figures import Cells, Figure, Frames, Plane, Rows
from .plane import cells, plane
from .prose import prose


@dataclass(frozen=True)
class Look:
    """What drawing takes beside a figure: ``spec`` says how images become pixels, ``show`` is what
    the dial of frames is named by."""

    spec: DataSpec


def figure(one: Figure, look: Look) -> Html:
    """A figure with its title and what to look for."""
    caption = tag("figcaption", tag("b", one.title), tag("span", prose(one.meaning)))
    return tag("figure", caption, body(one, look), class_=f"card {_width(one)}")


def sprites(figures: list[Figure], spec: DataSpec) -> Html | None:
    """The images of all maps, each once, out of sight."""
    if not isinstance(spec, ImageSpec):
        return None
    maps = [f for f in figures if isinstance(f, ScatterPanel) and f.values is not None]
    sheets = {sprite_id(f.values): f.values for f in maps if f.values is not None}
    images = [sprite_sheet(values, spec) for values in sheets.values()]
    return (
        tag("svg", tag("defs", images), class_="sprites", aria_hidden="true", width="0", height="0")
        if images
        else None
    )


def _width(one: Figure) -> str:
    """How much room it takes: a drawing in the plane and a chart of lines go two in a row."""
    kind = one.frames[0] if isinstance(one, Frames) else one
    return "narrow" if isinstance(kind, (Plane, LinePanel)) else "whole"


@singledispatch
def body(one: Figure, look: Look) -> Html:
    """What is below the caption."""
    raise TypeError(type(one).__name__)


@body.register
def _(one: ImagePanel, look: Look) -> Html:
    # figures of another set than the reader's, such as scenes, bring their own
    spec = spec_of(one, look.spec)
    about = f"{one.title}: {len(one.values)} images"
    return image_panel(one, spec, about)


@body.register
def _(one: LinePanel, look: Look) -> Html:
    lines = [
        Line(name or one.y, np.asarray(points), f"c{i % 10}", i)
        for i, (name, points) in enumerate(one.series.items())
    ]
    return line_chart(one, lines)


@body.register
def _(one: ScatterPanel, look: Look) -> Html:
    return tag("div", classes_legend(one), latent_map(one, look.spec, ""))


@body.register
def _(one: Plane, look: Look) -> Html:
    return plane(one)


@body.register
def _(one: Cells, look: Look) -> Html:
    return cells(one)


@body.register
def _(one: Rows, look: Look) -> Html:
    head = tag("tr", [tag("th", cell, scope="col") for cell in one.head])
    rows = [
        tag("tr", tag("th", row[0], scope="row"), [tag("td", cell) for cell in row[1:]])
        for row in one.rows
    ]
    table = tag("table", tag("thead", head), tag("tbody", rows), class_="figures")
    return tag("div", table, class_="scroll", tabindex="0", role="group", aria_label=one.title)


@body.register
def _(one: Frames, look: Look) -> Html:
    last = len(one.frames) - 1
    told = {0, last // 2, last}  # on paper
    frames = [
        tag(
            "div",
            tag("p", f"{one.dial}: {label}", class_="at"),
            body(frame, look),
            class_="frame told" if i in told else "frame",
            data_label=label,
        )
        for i, (label, frame) in enumerate(zip(one.labels, one.frames, strict=True))
    ]
    dial = tag(
        "label",
        tag("span", one.dial),
        tag(
            "input",
            type="range",
            min="0",
            max=str(last),
            value=str(last),
            step="1",
            aria_label=f"{one.title}: {one.dial}",
        ),
        tag("output", one.labels[last]),
        class_="dial",
        hidden=True,
    )
    return tag("div", dial, frames, class_="frames", data_frames=True)


def spec_of(one: ImagePanel, spec: DataSpec) -> ImageSpec:
    """That of the reader's images where these are of their shape, else one that fits them."""
    shape = one.values.shape[1:]
    if isinstance(spec, ImageSpec) and spec.user_shape == shape:
        return spec
    height, width, *channels = shape
    return ImageSpec(
        shape=(channels[0] if channels else 1, height, width),
        dtype="uint8",
        low=0,
        high=255,
        levels=256,
        channel_axis=bool(channels),
    )
