"""What separates the cells of a text: the candidate that cuts most lines into equally many cells;
of several, the one whose cells are numbers rather than pieces of them.

The usual way looks at the first line alone, where "1,5;2,5;3" has as many commas as semicolons.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO

import pyarrow as pa
from pyarrow import compute as pc

from ...core.errors import UserError
from .numbers import is_missing, is_number, trimmed

NAMES = {",": "','", ";": "';'", "\t": "tabs", "|": "'|'", " ": "blanks"}
_WORDS = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "pipe": "|"}
_SAMPLE = 1 << 18  # characters
_LINES = 1000
_TOLERANCE = 0.02  # by which the shares of lines or of numbers may differ and count as equal

Row = list[str]


@dataclass(frozen=True)
class Dialect:
    """How cells are separated and quoted, and what the lines before the first row say: one that
    was commented out, and may hold the names."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    skipped: int = 0
    comment: str = ""

    def rows(self, text: str, strict: bool = True) -> Iterator[tuple[int, Row]]:
        """The rows of ``text`` with the number of the line that each begins on; of an empty line,
        none. Raises `UserError` that names the line of a quote that does not end."""
        reader = csv.reader(
            self._lines(text),
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            doublequote=self.escape is None,
            skipinitialspace=True,
            strict=strict,
        )
        begins = 0
        try:
            for row in reader:
                yield self.skipped + begins + 1, row
                begins = reader.line_num
        except csv.Error as error:
            raise UserError(
                f"line {self.skipped + begins + 1} begins a row that cannot be read ({error}); see"
                f" whether a {self.quote} is missing, or doubled inside a cell"
            ) from None

    def _lines(self, text: str) -> Iterable[str]:
        lines = StringIO(text, newline="")
        for _ in range(self.skipped):
            lines.readline()
        if self.delimiter == " ":  # any number of blanks and tabs
            return (line.replace("\t", " ").strip() + "\n" for line in lines)
        return lines


def decide(text: str, delimiter: str | None) -> Dialect:
    """The dialect of ``text``; ``delimiter`` where it is known."""
    skipped, comment, told = _preamble(text)
    sample = text[:_SAMPLE]
    escape = "\\" if '\\"' in sample and '""' not in sample else None
    known = _WORDS.get((delimiter or "").lower(), delimiter) or told
    if known and len(known) != 1:
        raise UserError(
            f"delimiter={delimiter!r} was given; it is one character, or tab, or space for any"
            " number of blanks"
        )
    quote, marks = _quote(sample), [known] if known else list(NAMES)
    tried = [Dialect(mark, quote, escape, skipped, comment) for mark in marks]
    return _best([(dialect, _rows(dialect, sample)) for dialect in tried])


def _best(tried: list[tuple[Dialect, list[Row]]]) -> Dialect:
    """The first of those that no other beats by far: by even rows, then by cells that are
    numbers."""
    judged = [(dialect, *_judge(rows)) for dialect, rows in tried]
    cut = [one for one in judged if one[1] > 0] or judged[:1]
    even = max(share for _, share, _ in cut)
    cut = [one for one in cut if one[1] >= even - _TOLERANCE]
    most = max(numbers for *_, numbers in cut)
    return next(dialect for dialect, _, numbers in cut if numbers >= most - _TOLERANCE)


def _judge(rows: list[Row]) -> tuple[float, float]:
    """The share of rows of the commonest width, 0 where that is a single cell; the share of their
    cells, but for empty ones, that are numbers."""
    widths = Counter(map(len, rows))
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    if width < 2:
        return 0.0, 0.0
    cells = trimmed(pa.array([cell for row in rows if len(row) == width for cell in row]))
    there = cells.filter(pc.invert(is_missing(cells)))
    numbers = pc.or_(is_number(there, "."), is_number(there, ","))
    return count / len(rows), pc.mean(pc.cast(numbers, pa.int8())).as_py() or 0.0


def _rows(dialect: Dialect, sample: str) -> list[Row]:
    try:
        found = [row for _, row in dialect.rows(sample, strict=False) if row]
    except UserError:
        return []
    return found[: min(_LINES, len(found) - (len(found) > 2 and len(sample) == _SAMPLE))]


def _quote(sample: str) -> str:
    r"""The double quote; the single one where cells stand between such and none between
    double ones."""
    single = re.search(r"(?m)(^|[,;\t|])\s*'[^'\n]*'\s*([,;\t|]|$)", sample)
    return "'" if single and '"' not in sample else '"'


def _preamble(text: str) -> tuple[int, str, str]:
    """How many lines come before the first row, the last comment among them, and the separator that
    a line ``sep=;`` tells."""
    skipped, comment, told = 0, "", ""
    for line in StringIO(text[:_SAMPLE], newline=""):
        bare = line.strip("\r\n \t")
        if match := re.fullmatch(r"sep=(.)", line.strip("\r\n")):
            told = match[1]
        elif bare.startswith("#"):
            comment = bare.lstrip("# \t")
        elif bare:
            break
        skipped += 1
    return skipped, comment, told
