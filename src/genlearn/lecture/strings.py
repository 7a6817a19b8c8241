"""The text of the lecture: one file of strings for each language, found by its name.

A file has a table for each chapter, one for its figures, and one for the page. Text may hold
``{name}``, in whose place stands a figure of this lecture, ``$...$``, a formula as TeX writes it,
and `` `...` ``, code. A sentence that speaks of a figure which was not computed, for
want of time or since the data do not suit, is left out.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from ..core.errors import UserError, nearest

_FOLDER = Path(__file__).with_name("strings")
_SENTENCES = re.compile(r"(?<=[.?!]) ")
_PLACE, _FORMULA = re.compile(r"\{[a-z_]+\}"), re.compile(r"\$[^$]+\$")


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
        """A list of strings that have something to say; empty where there is none."""
        told = [self.known(one) for one in self.tables[table].get(name, [])]
        return [one for one in told if one]

    def figure(self, key: str) -> dict[str, str]:
        """What is said of a figure: title, meaning, and the names of axes or of the dial."""
        return {name: self.fill(text) for name, text in self.tables["figures"][key].items()}

    def known(self, text: str) -> str:
        """``text``, filled, without the sentences that speak of figures that there are not."""
        places = {"{" + name + "}" for name in self.facts}
        return " ".join(
            self.fill(sentence)
            for sentence in _SENTENCES.split(text)
            if places.issuperset(_PLACE.findall(_FORMULA.sub("", sentence)))
        )

    def of_rows(self) -> Strings:
        """The same, with what is said of tables in place of what is said of images."""
        own = {name: table | table.get("rows", {}) for name, table in self.tables.items()}
        return replace(self, tables=own | {"figures": self.tables["figures"]})

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
