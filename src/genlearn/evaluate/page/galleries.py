"""Panels in their places: what several models show under one title stands side by side, and what only one shows in its own section.

Panels of well-known titles have a section each, in the order in which a reader asks: the title begins with a word of the section, or several
models have it and it holds one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import singledispatch

from ...core.panel import Curves, Map, Panel, Pictures
from ...core.spec import ImageSpec
from .content import Content
from .curves import line_chart, merged
from .html import Html, tag
from .pictures import picture, sprite, sprite_id
from .scatter import latent_map, legend


@dataclass(frozen=True)
class Place:
    """A section of the page, the ``words`` that bring a title there, and its panels by title."""

    id: str
    heading: str
    words: tuple[str, ...]
    titles: dict[str, list[tuple[str, Panel]]] = field(default_factory=dict)


_PLACES = (
    ("process", "From data to noise and back", ("forward process", "reverse process", "error by steps")),
    ("copies", "Does it copy?", ("nearest", "suspect", "copies", "memori")),
    ("reconstructions", "Reconstructions", ("reconstruct", "denois")),
    ("traversals", "Walks through latent space", ("travers", "latent travers", "interpol", "walk")),
    ("learning", "Learning curves", ("learning", "training", "loss")),
    ("embedding", "What the embeddings know", ("embedding", "accuracy", "probe", "labels")),
    ("maps", "Latent maps", ("map", "latent map", "codes")),
    ("samples", "Samples", ("sample",)),
    ("more", "More side by side", ()),
)
_ORDER = ("samples", "process", "reconstructions", "maps", "traversals", "learning", "embedding", "more", "copies")


def galleries(content: Content) -> dict[str, Place]:
    """The sections that have panels, in the order of the page."""
    places = {id_: Place(id_, heading, words) for id_, heading, words in _PLACES}
    for title, owned in _by_title(content).items():
        place = _place(title, owned)
        if place:
            places[place].titles[title] = owned
    return {id_: places[id_] for id_ in _ORDER if places[id_].titles}


def own_panels(content: Content, name: str) -> list[Panel]:
    """Panels that only this model has."""
    titles = {title for title, owned in _by_title(content).items() if _place(title, owned) == ""}
    return [p for p in content.panels.get(name, []) if p.title in titles]


def shared_panels(content: Content) -> list[Panel]:
    """Panels of the data itself that stand in no comparison; pictures of it come in any case."""
    by_title = _by_title(content)
    alone = [p for p in content.panels.get("", []) if _place(p.title, by_title[p.title]) == ""]
    pictures = [p for p in content.panels.get("", []) if isinstance(p, Pictures)]
    return alone if any(isinstance(p, Pictures) for p in alone) else [*pictures[:1], *alone]


def _by_title(content: Content) -> dict[str, list[tuple[str, Panel]]]:
    titles: dict[str, list[tuple[str, Panel]]] = {}
    for name in ["", *(m["name"] for m in content.done)]:
        for panel in content.panels.get(name, []):
            titles.setdefault(panel.title, []).append((name, panel))
    return titles


def _place(title: str, owned: list[tuple[str, Panel]]) -> str:
    """The id of a title's section; "" for the owner's own."""
    owners = {name for name, _ in owned}
    if owners == {""} and any(isinstance(p, Pictures) for _, p in owned):
        return ""
    name, many = title.lower(), len(owners) > 1
    known = (id_ for id_, _, words in _PLACES if name.startswith(words) or (many and any(word in name for word in words)))
    return next(known, "more" if many else "")


def gallery(content: Content, place: Place) -> Html:
    """All titles of a section."""
    return tag("div", [_titled(content, title, owned, len(place.titles) > 1) for title, owned in place.titles.items()], class_="gallery")


def _titled(content: Content, title: str, owned: list[tuple[str, Panel]], headed: bool) -> Html:
    """One title: what it means, and every model's panel."""
    meanings = list(dict.fromkeys(p.meaning for _, p in owned))
    lead = tag("p", meanings[0], class_="meaning") if len(meanings) == 1 else None
    curves = [(name, content.colour(name), p) for name, p in owned if isinstance(p, Curves)]
    others: list[tuple[str, Pictures | Map]] = [(name, p) for name, p in owned if not isinstance(p, Curves)]
    body: list[Html | None] = [_curves(curves)] if curves else []
    if others:
        wide = "wide" if len(others) == 1 or any(isinstance(p, Map) or p.rows for _, p in others) else ""
        cards = tag("div", [card(content, name, p, told=not lead) for name, p in others], class_=f"cards {wide}")
        body += [_legends(others), cards]
    return tag("div", tag("h3", title) if headed else None, lead, body, class_="titled")


def _curves(owned: list[tuple[str, str, Curves]]) -> Html:
    return tag("figure", line_chart(owned[0][2], merged(owned)))


def _legends(owned: Sequence[tuple[str, Panel]]) -> Html | None:
    """The legend of all maps of a section: the longest list of classes names them all."""
    maps = [p for _, p in owned if isinstance(p, Map)]
    return legend(max(maps, key=lambda p: len(p.classes))) if maps else None


def card(content: Content, name: str, panel: Panel, *, told: bool = True, titled: str = "") -> Html:
    """One panel with its owner's name."""
    shown = titled or name or "real data"
    caption = tag("figcaption", tag("b", shown), tag("span", panel.meaning) if told else None)
    return tag("figure", caption, drawn(panel, content, name), class_="card")


@singledispatch
def drawn(panel: Panel, content: Content, owner: str) -> Html | None:
    """A panel's picture; images are left out where the data are none."""
    raise TypeError(type(panel).__name__)


@drawn.register
def _(panel: Pictures, content: Content, owner: str) -> Html | None:
    about = f"{panel.title}: {len(panel.values)} images, {owner or 'real data'}"
    return picture(panel, content.spec, about) if isinstance(content.spec, ImageSpec) and len(panel.values) else None


@drawn.register
def _(panel: Curves, content: Content, owner: str) -> Html:
    lines = merged([("", content.colour(owner), panel)])
    return line_chart(panel, [type(line)(line.name, line.points, f"c{i % 10}", line.dash) for i, line in enumerate(lines)])


@drawn.register
def _(panel: Map, content: Content, owner: str) -> Html:
    return latent_map(panel, content.spec, owner)


def sprites(content: Content) -> Html | None:
    """Images of all maps, each set once, out of sight."""
    if not isinstance(content.spec, ImageSpec):
        return None
    maps = [p for panels in content.panels.values() for p in panels if isinstance(p, Map)]
    sheets = {sprite_id(p.values): p.values for p in maps if p.values is not None}
    images = [sprite(values, content.spec) for values in sheets.values()]
    return tag("svg", tag("defs", images), class_="sprites", aria_hidden="true", width="0", height="0") if images else None
