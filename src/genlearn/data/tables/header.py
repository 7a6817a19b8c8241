"""Whether the first row of a table holds names: does it look like the rows below it?

Column by column: words above numbers are names; a word that is found again below is a value. A row
of numbers above numbers is a row of values, unless it counts (0, 1, 2, ... as pandas writes, or
years) in a way in which the numbers below do not.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute as pc

from .numbers import is_missing, is_number, parse, trimmed, without_sign

Values = NDArray[np.float64]

_LINES = 1000  # looked at below the first
_SHARE = 0.8  # of the cells of a column, from which it is one of numbers
_YEARS = (1800, 2200)
_LONG = 8  # numbers that count from 0 or 1 by chance no more


@dataclass(frozen=True)
class Column:
    """The first cell, and those below."""

    first: str
    below: Any

    @property
    def numbers(self) -> Values | None:
        """Those below that are numbers, where most are."""
        there, _ = without_sign(self.below.filter(pc.invert(is_missing(self.below))))
        for mark in ".,":
            known = is_number(there, mark)
            if len(there) and pc.mean(pc.cast(known, pa.int8())).as_py() >= _SHARE:
                return np.asarray(parse(there.filter(known), mark), dtype=np.float64)
        return None


def has_names(first: list[str], columns: list[Any]) -> tuple[bool, str]:
    """Whether the row ``first`` names the ``columns`` of text below it, and why."""
    number = _numbers(first)
    known = [not gone for gone in is_missing(trimmed(pa.array(first, pa.string()))).to_pylist()]
    looked = [Column(cell, below[:_LINES]) for cell, below in zip(first, columns, strict=True)]
    if not any(known):
        return False, "its cells are empty"
    if not len(columns[0]):
        return not any(number), "there is no other"
    above = [
        (cell if isnumber else "", values)
        for cell, isnumber, isknown, values in zip(
            first, number, known, [column.numbers for column in looked], strict=True
        )
        if isknown and values is not None
    ]
    return _above_numbers(above) if above else _words(looked)


def _above_numbers(above: list[tuple[str, Values]]) -> tuple[bool, str]:
    """Of cells above numbers, "" for a word."""
    words = sum(not cell for cell, _ in above)
    counted = [(cell, values) for cell, values in above if cell]
    if not counted:
        return True, "it has words where the others have numbers"
    why = _counts([cell for cell, _ in counted], [values for _, values in counted])
    if why and len(above) > 1:
        return True, why
    if words > len(counted):
        return True, "most of its cells are words where the others have numbers"
    return False, "it has numbers where the others have numbers"


def are_numbers(cells: list[str]) -> bool:
    """Whether one of the ``cells`` at least is a number."""
    return any(_numbers(cells))


def _numbers(cells: list[str]) -> list[bool]:
    bare = trimmed(pa.array(cells, pa.string()))
    found: list[bool] = pc.or_(is_number(bare, "."), is_number(bare, ",")).to_pylist()
    return found


def _words(columns: list[Column]) -> tuple[bool, str]:
    """Of a table of words: names are found nowhere below."""
    again = [c.first for c in columns if c.first and pc.any(pc.equal(c.below, c.first)).as_py()]
    if again:
        return False, f"{again[0]!r} is found again below"
    return True, "its words are not found again below"


def _counts(cells: list[str], below: list[Values]) -> str:
    """Why numbers count columns rather than being values of them; nothing where they do not."""
    if not all(cell.strip().isdecimal() for cell in cells):
        return ""
    numbers = [int(cell) for cell in cells]
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    if min(steps, default=1) >= 0 and _YEARS[0] <= numbers[0] and numbers[-1] <= _YEARS[1]:
        like = np.mean([_is_year(values).mean() for values in below])
        return "it holds years, and the others do not" if like < 1 / 2 else ""
    if steps - {1} or numbers[0] > 1:
        return ""
    unlike = [_is_unlike(number, values) for number, values in zip(numbers, below, strict=True)]
    if len(numbers) >= _LONG or np.mean(unlike) >= 1 / 2:
        return f"it counts {numbers[0]}, {numbers[0] + 1}, ... and the others do not"
    return ""


def _is_year(values: Values) -> Any:
    return (values == np.rint(values)) & (values >= _YEARS[0]) & (values <= _YEARS[1])


def _is_unlike(number: int, values: Values) -> bool:
    """Whether a whole number stands above fractions, or far from what is below."""
    low, high = values.min(), values.max()
    far = number < low - (high - low) or number > high + (high - low)
    return bool((values != np.rint(values)).any() or (far and len(values) > 2))
