"""Panels in their places: what several models show under one title stands side by side, and what
only one shows in its own section.

A panel names its section (`core.panels`); sections stand in the order in which a reader asks, and
those that only a package knows come after ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import singledispatch

from ...core.panels import HistogramPanel, ImagePanel, LinePanel, PairsPanel, Panel, ScatterPanel
from ...core.spec import ImageSpec
from .charts.histograms import histograms
from .charts.joint_tables import joint_tables
from .charts.latent_map import latent_map, legend
from .charts.line_chart import line_chart, merge_lines
from .image_sprites import image_panel, sprite_id, sprite_sheet
from .markup import Html, tag
from .report_view import ReportView


@dataclass(frozen=True)
class PanelSection:
    """A section of the page, and its panels by title."""

    id: str
    heading: str
    titles: dict[str, list[tuple[str, Panel]]] = field(default_factory=dict)


_HEADINGS = {
    "samples": "Samples",
    "process": "From data to noise and back",
    "reconstructions": "Reconstructions",
    "maps": "Latent maps",
    "traversals": "Walks through latent space",
    "learning": "Learning curves",
    "embedding": "What the embeddings know",
}
_LAST = {"more": "More side by side", "copies": "Does it copy?"}


def panel_sections(content: ReportView) -> dict[str, PanelSection]:
    """The sections that have panels, in the order of the page."""
    by_title = _by_title(content)
    named = {title: _section(owned) for title, owned in by_title.items()}
    others = {name: name for name in named.values() if name not in {"", *_HEADINGS, *_LAST}}
    places = {
        name: PanelSection(_id(name), heading)
        for name, heading in (_HEADINGS | others | _LAST).items()
    }
    for title, owned in by_title.items():
        if named[title]:
            places[named[title]].titles[title] = owned
    return {place.id: place for place in places.values() if place.titles}


def _id(name: str) -> str:
    """Of a section; one of a package's cannot be taken for another part of the page."""
    own = name in _HEADINGS or name in _LAST
    return name if own else f"section-{re.sub(r'[^a-z0-9]+', '-', name.lower())}"


def own_panels(content: ReportView, name: str) -> list[Panel]:
    """Panels that only this model has."""
    titles = {title for title, owned in _by_title(content).items() if not _section(owned)}
    return [p for p in content.panels.get(name, []) if p.title in titles]


def shared_panels(content: ReportView) -> list[Panel]:
    """Panels of the data itself that stand in no comparison; pictures of it come in any case."""
    by_title = _by_title(content)
    alone = [p for p in content.panels.get("", []) if not _section(by_title[p.title])]
    pictures = [p for p in content.panels.get("", []) if isinstance(p, ImagePanel)]
    return alone if any(isinstance(p, ImagePanel) for p in alone) else [*pictures[:1], *alone]


def _by_title(content: ReportView) -> dict[str, list[tuple[str, Panel]]]:
    titles: dict[str, list[tuple[str, Panel]]] = {}
    for name in ["", *(m["name"] for m in content.done)]:
        for panel in content.panels.get(name, []):
            titles.setdefault(panel.title, []).append((name, panel))
    return titles


def _section(owned: list[tuple[str, Panel]]) -> str:
    """The name of a title's section; "" for the owner's own."""
    owners = {name for name, _ in owned}
    if owners == {""} and any(isinstance(p, ImagePanel) for _, p in owned):
        return ""
    named = next((p.section for _, p in owned if p.section), "")
    return named or ("more" if len(owners) > 1 else "")


def render_section(content: ReportView, place: PanelSection) -> Html:
    """All titles of a section."""
    return tag(
        "div",
        [
            _titled(content, title, owned, len(place.titles) > 1)
            for title, owned in place.titles.items()
        ],
        class_="gallery",
    )


def _titled(content: ReportView, title: str, owned: list[tuple[str, Panel]], headed: bool) -> Html:
    """One title: what it means, and every model's panel."""
    meanings = list(dict.fromkeys(p.meaning for _, p in owned))
    lead = tag("p", meanings[0], class_="meaning") if len(meanings) == 1 else None
    curves = [(name, content.colour(name), p) for name, p in owned if isinstance(p, LinePanel)]
    others: list[tuple[str, HistogramPanel | ImagePanel | PairsPanel | ScatterPanel]] = [
        (name, p) for name, p in owned if not isinstance(p, LinePanel)
    ]
    body: list[Html | None] = [_curves(curves)] if curves else []
    if others:
        wide = "wide" if len(others) == 1 or any(map(_needs_room, (p for _, p in others))) else ""
        cards = tag(
            "div",
            [panel_card(content, name, p, told=not lead) for name, p in others],
            class_=f"cards {wide}",
        )
        body += [_legends(others), cards]
    return tag("div", tag("h3", title) if headed else None, lead, body, class_="titled")


def _needs_room(panel: Panel) -> bool:
    return not isinstance(panel, ImagePanel) or bool(panel.rows)


def _curves(owned: list[tuple[str, str, LinePanel]]) -> Html:
    return tag("figure", line_chart(owned[0][2], merge_lines(owned)))


def _legends(owned: Sequence[tuple[str, Panel]]) -> Html | None:
    """The legend of all maps of a section: the longest list of classes names them all."""
    maps = [p for _, p in owned if isinstance(p, ScatterPanel)]
    return legend(max(maps, key=lambda p: len(p.classes))) if maps else None


def panel_card(
    content: ReportView, name: str, panel: Panel, *, told: bool = True, titled: str = ""
) -> Html:
    """One panel with its owner's name."""
    shown = titled or name or "real data"
    caption = tag("figcaption", tag("b", shown), tag("span", panel.meaning) if told else None)
    return tag("figure", caption, render_panel(panel, content, name), class_="card")


@singledispatch
def render_panel(panel: Panel, content: ReportView, owner: str) -> Html | None:
    """A panel's picture; images are left out where the data are none."""
    raise TypeError(type(panel).__name__)


@render_panel.register
def _(panel: ImagePanel, content: ReportView, owner: str) -> Html | None:
    about = f"{panel.title}: {len(panel.values)} images, {owner or 'real data'}"
    return (
        image_panel(panel, content.spec, about)
        if isinstance(content.spec, ImageSpec) and len(panel.values)
        else None
    )


@render_panel.register
def _(panel: LinePanel, content: ReportView, owner: str) -> Html:
    lines = merge_lines([("", content.colour(owner), panel)])
    return line_chart(
        panel,
        [
            type(line)(line.name, line.points, f"c{i % 10}", line.dash)
            for i, line in enumerate(lines)
        ],
    )


@render_panel.register
def _(panel: HistogramPanel, content: ReportView, owner: str) -> Html:
    return histograms(panel, content.colour(owner))


@render_panel.register
def _(panel: PairsPanel, content: ReportView, owner: str) -> Html:
    return joint_tables(panel, content.colour(owner))


@render_panel.register
def _(panel: ScatterPanel, content: ReportView, owner: str) -> Html:
    return latent_map(panel, content.spec, owner)


def sprites(content: ReportView) -> Html | None:
    """Images of all maps, each set once, out of sight."""
    if not isinstance(content.spec, ImageSpec):
        return None
    maps = [p for panels in content.panels.values() for p in panels if isinstance(p, ScatterPanel)]
    sheets = {sprite_id(p.values): p.values for p in maps if p.values is not None}
    images = [sprite_sheet(values, content.spec) for values in sheets.values()]
    return (
        tag("svg", tag("defs", images), class_="sprites", aria_hidden="true", width="0", height="0")
        if images
        else None
    )
