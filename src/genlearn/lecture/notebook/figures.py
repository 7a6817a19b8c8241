"""A figure in the text of a notebook: its title, what to look for, and a picture attached to the
cell, which is seen before anything is run.

Drawings are those of the page, in light colours, with their style and their legend inside; of
frames in a sequence, those that stand on paper too.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, singledispatch

from ...core.image_grid import encoded, to_bytes
from ...core.panels import LinePanel
from ...evaluate.report.document import shared_text
from ...evaluate.report.image_sprites import enlarged_tiles
from ...evaluate.report.markup import Html, tag
from ..figures import Figure, Frames, Map, Pictures, Plane, Rows
from ..page.page import page_text
from ..page.render import body, told_frames

Picture = tuple[str, bytes]  # the type of a file, and its content

_WIDTH = 640  # pixels of a drawing
_LINE = 18.0  # of a legend
_DRAWING = re.compile(r'<svg([^>]*class="chart[^>]*)>(.*?)</svg>', re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_FONT = ":root{--sans:system-ui,sans-serif}"


def with_pictures(
    text: str, figures: Iterable[Figure], name: str
) -> tuple[str, dict[str, dict[str, str]]]:
    """``text`` and the ``figures`` below it, in Markdown, and what is attached; ``name`` tells the
    files of a cell from those of others."""
    parts, attached = [text], dict[str, dict[str, str]]()
    for figure in figures:
        parts.append(f"**{figure.title}.** {figure.meaning}")
        for piece in shown(figure):
            if isinstance(piece, str):
                parts.append(piece)
                continue
            kind, content = piece
            file = f"{name}-{len(attached)}.{'png' if kind == 'image/png' else 'svg'}"
            attached[file] = {kind: b64encode(content).decode()}
            parts.append(f"![](attachment:{file})")
    return "\n\n".join(parts), attached


@singledispatch
def shown(one: Figure) -> Iterator[str | Picture]:
    """What stands below the title: Markdown and pictures."""
    yield _drawing(one)


@shown.register
def _(one: Pictures) -> Iterator[str | Picture]:
    if one.rows:
        yield " · ".join(one.rows)
    tiles = enlarged_tiles(to_bytes(one.values, one.spec), one.columns)
    yield "image/png", encoded(tiles, optimize=True)


@shown.register
def _(one: Map) -> Iterator[str | Picture]:
    yield _drawing(replace(one, values=None))  # whose images stand once on the page


@shown.register
def _(one: Rows) -> Iterator[str | Picture]:
    lines = [one.head, ("---",) * len(one.head), *one.rows]
    yield "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


@shown.register
def _(one: Frames) -> Iterator[str | Picture]:
    for i in sorted(told_frames(one)):
        yield f"{one.dial}: {one.labels[i]}"
        yield from shown(one.frames[i])


def _drawing(one: Figure) -> Picture:
    """The drawing of the page as a file by itself, with its legend below."""
    found = _DRAWING.search(body(one))
    assert found is not None
    given = dict(_ATTRIBUTE.findall(found[1]))
    left, top, width, height = map(float, given["viewBox"].split())
    names = list(_legend(one))
    tall = height + _LINE * (len(names) + 0.5 * bool(names))
    svg = tag(
        "svg",
        tag("style", Html(_style())),
        tag("rect", x=left, y=top, width=width, height=tall, style="fill:#fff;stroke:none"),
        tag("g", Html(found[2]), class_=given["class"]),
        tag("g", [_named(*pair, i, left, top + height) for i, pair in enumerate(names)]),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"{left:g} {top:g} {width:g} {tall:g}",
        width=str(_WIDTH),
        class_="chart",
        data_theme="light",
    )
    return "image/svg+xml", svg.encode()


def _legend(one: Figure) -> Iterator[tuple[str, str]]:
    """Colours and names, where there are several."""
    names: tuple[str, ...] = ()
    if isinstance(one, LinePanel):
        names = tuple(one.series) if len(one.series) > 1 else ()
    elif isinstance(one, Plane):
        names = tuple(one.points)
    elif isinstance(one, Map) and one.labels is not None:
        names = one.spec.classes
    return ((f"c{i % 10}", name) for i, name in enumerate(names))


def _named(colour: str, name: str, place: int, left: float, top: float) -> Html:
    y = top + _LINE * (place + 0.5)
    mark = tag("circle", cx=left + 10, cy=y, r=5.0, style="fill:var(--c)", class_=colour)
    return tag("g", mark, tag("text", name, x=left + 22, y=y + 4))


@cache
def _style() -> str:
    """That of the page, where a drawing is the root."""
    return re.sub(r"\s+", " ", shared_text("style.css") + page_text("lecture.css") + _FONT)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
