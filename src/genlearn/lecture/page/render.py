"""Figures as HTML and SVG."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

import numpy as np

from ...core.panels import ImagePanel, LinePanel, ScatterPanel
from ...core.spec import ImageSpec
from ...evaluate.report.charts.latent_map import latent_map
from ...evaluate.report.charts.latent_map import legend as classes_legend
from ...evaluate.report.charts.line_chart import Line, line_chart
from ...evaluate.report.image_sprites import image_panel, sprite_id, sprite_sheet
from ...evaluate.report.markup import Html, tag
from ..figures import Cells, Figure, Frames, Map, Pictures, Plane, Rows
from .plane import cells, plane
from .prose import prose


def figure(one: Figure) -> Html:
    """A figure with its title and what to look for."""
    caption = tag("figcaption", tag("b", one.title), tag("span", prose(one.meaning)))
    return tag("figure", caption, body(one), class_=f"card {_width(one)}")


def told_frames(one: Frames) -> set[int]:
    """Which of them stand on paper."""
    last = len(one.frames) - 1
    return {0, last // 2, last}


def sprites(figures: Iterable[Figure]) -> Html | None:
    """The images of all maps, each once, out of sight."""
    sheets = {
        sprite_id(one.values): sprite_sheet(one.values, one.spec)
        for one in figures
        if isinstance(one, Map) and one.values is not None and isinstance(one.spec, ImageSpec)
    }
    return (
        tag(
            "svg",
            tag("defs", list(sheets.values())),
            class_="sprites",
            aria_hidden="true",
            width="0",
            height="0",
        )
        if sheets
        else None
    )


def _width(one: Figure) -> str:
    """How much room it takes: a drawing in the plane and a chart of lines go two in a row."""
    kind = one.frames[0] if isinstance(one, Frames) else one
    return "narrow" if isinstance(kind, (Plane, LinePanel)) else "whole"


@singledispatch
def body(one: Figure) -> Html:
    """What is below the caption."""
    raise TypeError(type(one).__name__)


@body.register
def _(one: Pictures) -> Html:
    panel = ImagePanel(
        title=one.title,
        meaning=one.meaning,
        values=one.values,
        columns=one.columns,
        rows=one.rows,
    )
    return image_panel(panel, one.spec, f"{one.title}: {len(one.values)} images")


@body.register
def _(one: LinePanel) -> Html:
    lines = [
        Line(name or one.y, np.asarray(points), f"c{i % 10}", i)
        for i, (name, points) in enumerate(one.series.items())
    ]
    return line_chart(one, lines)


@body.register
def _(one: Map) -> Html:
    panel = ScatterPanel(
        title=one.title,
        meaning=one.meaning,
        points=one.points,
        labels=one.labels,
        classes=one.spec.classes,
        values=one.values,
    )
    return tag("div", classes_legend(panel), latent_map(panel, one.spec, ""))


@body.register
def _(one: Plane) -> Html:
    return plane(one)


@body.register
def _(one: Cells) -> Html:
    return cells(one)


@body.register
def _(one: Rows) -> Html:
    head = tag("tr", [tag("th", cell, scope="col") for cell in one.head])
    rows = [
        tag("tr", tag("th", row[0], scope="row"), [tag("td", cell) for cell in row[1:]])
        for row in one.rows
    ]
    table = tag("table", tag("thead", head), tag("tbody", rows), class_="figures")
    return tag("div", table, class_="scroll", tabindex="0", role="group", aria_label=one.title)


@body.register
def _(one: Frames) -> Html:
    last, told = len(one.frames) - 1, told_frames(one)
    frames = [
        tag(
            "div",
            tag("p", f"{one.dial}: {label}", class_="at"),
            body(frame),
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
