"""HTML and SVG from Python calls: ``tag("p", "a < b", class_="note")`` is ``<p class="note">a &lt;
b</p>``.

Every string is escaped unless it is `Html` already, so names, reasons and classes -- a user's text
-- cannot become markup. An f-string or a concatenation of `Html` is an ordinary string again and
would be escaped: the mistake shows on the page and opens no hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
EMPTY_SVG = frozenset({"circle", "image", "line", "path", "polyline", "rect", "use"})


class Html(str):
    """Markup that is finished: it is not escaped again."""

    __slots__ = ()


Attribute = str | float | bool | None


def markup(child: object) -> Html:
    """Whatever stands between two tags: strings escaped, `Html` as it is, None as nothing, an
    iterable one after another."""
    if child is None:
        return Html("")
    if isinstance(child, Html):
        return child
    if isinstance(child, Iterable) and not isinstance(child, str):
        return Html("".join(map(markup, child)))
    return Html(escape(str(child), quote=False))


def tag(name: str, /, *children: object, **attributes: Attribute) -> Html:
    """An element. ``class_`` is written class, ``aria_label`` aria-label; None and False leave an
    attribute out, True writes it bare."""
    head = name + "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{head}>")
    if name in EMPTY_SVG and not children:
        return Html(f"<{head}/>")
    return Html(f"<{head}>{markup(children)}</{name}>")


def joined(separator: str, parts: Sequence[object]) -> Html:
    """Parts with a separator between them."""
    return Html(markup(separator).join(map(markup, parts)))


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    key = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {key}"
    return f' {key}="{escape(short(value) if isinstance(value, float) else str(value))}"'


def short(value: float) -> str:
    """A coordinate to a hundredth, as few characters as that takes: a map has a thousand points."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"
