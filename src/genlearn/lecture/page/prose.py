r"""Text with formulas and code, as HTML: ``$x^2$`` is MathML, `` `code` `` code, ``*word*``
emphasis, and a backslash takes the meaning of the mark after it."""

from __future__ import annotations

import re
from functools import cache

from latex2mathml.converter import convert

from ...evaluate.report.markup import Html, markup, tag

_PIECES = re.compile(r"(\\[$`*\\]|\$[^$]+\$|`[^`]+`|\*(?:\\.|[^*\s\\])(?:\\.|[^*\\])*\*)")
_MARKS = re.compile(r"[$`*\\]")
_ESCAPED = re.compile(r"\\([$`*\\])")


def prose(text: str) -> Html:
    """One paragraph's inside."""
    return markup([_piece(piece) for piece in _PIECES.split(text)])


def literal(text: str) -> str:
    """``text`` with its marks, as names and captions may have them, meaning nothing."""
    return _MARKS.sub(r"\\\g<0>", text)


def formula(tex: str) -> Html:
    """A formula on a line of its own, from TeX."""
    return tag("div", _math(tex.strip(), "block"), class_="formula", tabindex="0", role="group")


def _piece(piece: str) -> Html | str:
    if _ESCAPED.fullmatch(piece):
        return piece[1]
    if len(piece) > 2 and piece[0] == piece[-1]:
        inside = piece[1:-1]
        if piece[0] == "$":
            return _math(inside, "inline")
        if piece[0] == "`":
            return tag("code", inside)
        if piece[0] == "*":
            return tag("em", _ESCAPED.sub(r"\1", inside))
    return piece


@cache
def _math(tex: str, display: str) -> Html:
    return Html(convert(tex, display=display))
