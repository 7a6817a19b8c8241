"""Conditions on columns, as people write them: ``species=Gentoo, mass>5000``.

    condition   name operator value
    operator    = != < <= > >=
    value       a number, a date, a level, several of them as a|b, or missing

Conditions are set apart by commas, and all of them hold. Names and values that hold commas or
operators stand in quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...core.errors import UserError, nearest

_PART = re.compile(r"""((?:"[^"]*"|'[^']*'|[^,"'])+)(?:,|$)""")
_CONDITION = re.compile(
    r"""\s*("[^"]*"|'[^']*'|[^<>=!]+?)\s*(<=|>=|!=|==|=|<|>)\s*("[^"]*"|'[^']*'|[^<>=!]*?)\s*"""
)


@dataclass(frozen=True)
class Condition:
    """``column``, by its number; ``operator``; ``values``, as they were written."""

    column: int
    operator: str
    values: tuple[str, ...]


def conditions(text: str, columns: tuple[str, ...]) -> list[Condition]:
    """The conditions that ``text`` names. Raises `UserError` for what is none, and for a column
    that there is not."""
    if not isinstance(text, str):
        raise UserError(f"where={text!r} was given; it is a text: 'species=Gentoo, mass>5000'")
    found = []
    for part in _parts(text):
        match = _CONDITION.fullmatch(part)
        if match is None or not match[3]:
            raise UserError(
                f"where={text!r} was given, and {part.strip()!r} is no condition; write conditions"
                " such as 'species=Gentoo, mass>5000'"
            )
        name, operator = _unquoted(match[1]), match[2].replace("==", "=")
        if name not in columns:
            raise UserError(
                f"where={text!r} was given, and no column is called {name!r};"
                f" {nearest(name, columns)}"
            )
        quoted = match[3][0] in "\"'"
        values = (_unquoted(match[3]),) if quoted else tuple(match[3].split("|"))
        found.append(Condition(columns.index(name), operator, tuple(v.strip() for v in values)))
    return found


def _parts(text: str) -> list[str]:
    parts = [match[1] for match in _PART.finditer(text)]
    if not text.strip() or sum(map(len, parts)) + len(parts) - 1 < len(text.rstrip(",")):
        raise UserError(
            f"where={text!r} was given; write conditions such as 'species=Gentoo, mass>5000', and"
            " close all quotes"
        )
    return parts


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text[:1] in ("'", '"') else text
