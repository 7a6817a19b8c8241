"""A drawing as its page shows it: a grid with names, each image with words that say what it is."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property

import msgspec

from ..library.runs import RunFolder
from .history import Entry


@dataclass(frozen=True)
class Cell:
    """Images of one text, side by side: the number and the words of each."""

    pictures: list[tuple[int, str]]


@dataclass(frozen=True)
class Row:
    """Cells in a row, and its name."""

    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Shown:
    """The drawing ``entry`` of ``run``."""

    run: RunFolder
    entry: Entry

    @property
    def title(self) -> str:
        """What was asked for."""
        label = self.entry.asked.options.get("label")
        what = " · ".join(self.entry.asked.lines) or (f"Class {label}" if label else "Any")
        return what

    @property
    def settings(self) -> list[tuple[str, str]]:
        """Names and values, with what was measured or taken by itself."""
        asked, options = self.entry.asked, self.entry.options
        quality = asked.options.get("quality")
        found = {"seed": asked.seed, **({"quality": quality} if quality else {}), **options}
        return [
            (name, f"{value:g}" if isinstance(value, float) else str(value))
            for name, value in found.items()
        ]

    @property
    def asked(self) -> str:
        """What was asked, for the form to be filled in with."""
        return msgspec.json.encode(self.entry.asked).decode()

    @property
    def heads(self) -> tuple[str, ...]:
        """The names of the columns, if they have some."""
        grid = self.entry.asked.grid
        return grid.heads if grid else ()

    @property
    def rows(self) -> list[Row]:
        """The grid that the alternatives of the prompt make; else a row for each text."""
        grid = self.entry.asked.grid
        if grid is None:
            return [Row("", [self._cell(0, "")])]
        cells = [self._cell(number, text) for number, text in enumerate(grid.texts)]
        if not grid.rows:
            return [Row(text, [cell]) for text, cell in zip(grid.texts, cells, strict=True)]
        across = grid.columns or 1
        named = zip(grid.rows, range(0, len(cells), across), strict=True)
        return [Row(name, cells[first : first + across]) for name, first in named]

    @cached_property
    def command(self) -> str:
        """How the command line draws the same; "" from a picture that it does not know."""
        asked = self.entry.asked
        if asked.start.startswith("picture:"):
            return ""
        prompts = [part for line in asked.lines for part in ("--prompt", line)]
        options = [
            part for name, value in self.entry.options.items() for part in (f"--{name}", str(value))
        ]
        number = asked.start.removeprefix("data:")
        start = ["--init", f"{self.run.data['source']}:{number}"] if number else []
        words = ["-n", str(asked.number), "--seed", str(asked.seed), *prompts, *options, *start]
        return shlex.join(["genlearn", "sample", self.run.name, *words])

    def _cell(self, number: int, text: str) -> Cell:
        count = self.entry.asked.number
        what = text or self.title
        alts = [f"{what}, {one + 1} of {count}" if count > 1 else what for one in range(count)]
        return Cell([(number * count + one, alt) for one, alt in enumerate(alts)])
