"""The text of the lecture: one file of strings for each language, found by its name.

A file has a table for each chapter, one for its figures, and one for the page. Text may hold
``{name}``, in whose place stands a figure of this lecture, ``$...$``, a formula as TeX writes it,
and `` `...` ``, code.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ..core.errors import UserError, nearest

_FOLDER = Path(__file__).with_name("strings")


@dataclass(frozen=True)
class Strings:
    """All strings of a language, by table and name; ``facts`` fill the places in them."""

    language: str
    tables: dict[str, Any] = field(repr=False)
    facts: dict[str, str] = field(default_factory=dict)

    def text(self, table: str, name: str) -> str:
        """One string, its places filled."""
        return self.fill(self.tables[table][name])

    def paragraphs(self, table: str, name: str) -> list[str]:
        """A list of strings; empty where there is none."""
        return [self.fill(one) for one in self.tables[table].get(name, [])]

    def figure(self, key: str) -> dict[str, str]:
        """What is said of a figure: title, meaning, and the names of axes or of the dial."""
        return {name: self.fill(text) for name, text in self.tables["figures"][key].items()}

    def fill(self, text: str) -> str:
        """``text`` with the facts in their places. Braces of formulas are left alone: a place is a
        name in braces that is among the facts."""
        for name, value in self.facts.items():
            text = text.replace("{" + name + "}", value)
        return text


@cache
def languages() -> tuple[str, ...]:
    """Names of those that there are."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def strings(language: str) -> Strings:
    """The strings of ``language``. Raises `UserError` where there are none."""
    if language not in languages():
        raise UserError(
            f"language {language!r} was given; the lecture is written in"
            f" {', '.join(languages())}; {nearest(language, languages())}"
        )
    text = (_FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    return Strings(language, tomllib.loads(text))
