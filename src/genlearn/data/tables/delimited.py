"""A file of cells between separators, as columns of text with names.

Nothing moves from one column to another: a row of more or fewer cells than the others is an error
that names its line. Only cells that are empty in every row may stand at the end of rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import compute as pc

from ...core.errors import UserError
from ..open.encoding import decode
from .dialect import NAMES, Dialect, Row
from .dialect import decide as decide_dialect
from .header import are_numbers, has_names

_SAMPLE = 1000  # rows whose commonest width is that of the table
_CHUNK = 20_000  # rows that are lists of cells at a time


@dataclass(frozen=True)
class TextTable:
    """Columns of text with their names, and in a few words each how they were found."""

    names: list[str]
    columns: list[Any]
    delimiter: str
    how: tuple[str, ...]


@dataclass(frozen=True)
class _Layout:
    """A text whose rows have ``width`` cells, and a row ``first``, which may have one less."""

    text: str
    dialect: Dialect
    first: Row
    width: int
    how: tuple[str, ...]

    def below(self) -> Iterator[Row]:
        """The rows after the first, each of ``width`` cells."""
        rows = (numbered for numbered in self.dialect.rows(self.text) if numbered[1])
        for line, row in islice(rows, 1, None):
            if len(row) != self.width and (len(row) < self.width or any(row[self.width :])):
                raise _ragged(line, row, self.width, self.dialect)
            yield row[: self.width]


def read_delimited(path: Path, delimiter: str | None, header: bool | None) -> TextTable:
    """The table in the file at ``path``. ``header``: whether its first row holds names, where that
    is known. Raises `UserError` where it is none, and UnicodeError for a text that is cut off."""
    text, guessed = decode(path.read_bytes())
    if "\0" in text:
        raise UserError("it holds zero bytes, which no text does")
    layout = _layout(text, decide_dialect(text, delimiter))
    columns = _columns(layout.below(), layout.width)
    named, names, why = _names(layout, columns, header)
    if not named:
        columns = _with_first(layout, columns)
    nameless = [f"x{i}" for i, name in enumerate(names) if i and not name]
    names = [name or (f"x{i}" if i else "") for i, name in enumerate(_unquoted(names))]
    columns = [_unquoted_column(column) for column in columns]
    how = [*layout.how, why, *([guessed] if guessed else [])]
    how += [f"columns without a name are {', '.join(nameless[:5])}"] if nameless else []
    return TextTable(names, columns, layout.dialect.delimiter, tuple(how))


def _layout(text: str, dialect: Dialect) -> _Layout:
    """How wide the rows are; the first, which may hold names, is held against the others."""
    sample = [one for one in islice(dialect.rows(text, strict=False), _SAMPLE) if one[1]]
    if not sample:
        raise UserError("it holds no row; at least one is needed")
    (line, first), *below = sample
    rows = [row for _, row in sample]
    width = full = Counter(len(row) for _, row in below or sample).most_common(1)[0][0]
    while width > 1 and not any(row[width - 1] for row in rows if len(row) >= width):
        width -= 1
    how = [f"{dialect.skipped} lines above the table skipped"] if dialect.skipped else []
    how += [f"{width} cells in each row, between {_shown(dialect)}"] if full > 1 else []
    how += ["rows end in a separator"] if full > width else []
    if len(first) > width and not any(first[width:]):
        first = first[:width]
    if len(first) not in (width, width - 1) or (len(first) < width and are_numbers(first)):
        raise _ragged(line, first, width, dialect)
    gaps = _gaps(text, dialect) if width == 1 else 0
    how += [f"{gaps} empty lines between rows skipped"] if gaps else []
    return _Layout(text, dialect, first, width, tuple(how))


def _gaps(text: str, dialect: Dialect) -> int:
    """How many empty lines there are before the last row."""
    empty = [not row for _, row in dialect.rows(text, strict=False)]
    last = len(empty) - empty[::-1].index(False)
    return sum(empty[:last])


def _columns(rows: Iterator[Row], width: int) -> list[Any]:
    """The cells by column, as text."""
    parts: list[list[Any]] = [[] for _ in range(width)]
    while chunk := list(islice(rows, _CHUNK)):
        for part, cells in zip(parts, zip(*chunk, strict=True), strict=True):
            part.append(pa.array(cells, pa.string()))
    return [pa.chunked_array(part, pa.string()) for part in parts]


def _names(layout: _Layout, columns: list[Any], header: bool | None) -> tuple[bool, list[str], str]:
    """Whether the first row holds names, the names, and why."""
    first, comment = layout.first, _commented(layout)
    if len(first) < layout.width:
        if header is False:
            raise _ragged(layout.dialect.skipped + 1, first, layout.width, layout.dialect)
        return True, *_short(first, columns)
    named, why = (header, "as asked") if header is not None else has_names(first, columns)
    if named:
        return True, first, f"names from the first row ({why})"
    if comment and header is None:
        return False, comment, "names from the comment above"
    names = [f"x{i}" for i in range(layout.width)]
    return False, names, f"no names: the first row is one of values ({why})"


def _short(first: Row, columns: list[Any]) -> tuple[list[str], str]:
    """Names for one column less than there are: what has none is the names of the rows, as R writes
    them, or else comes last."""
    cells = columns[0].to_pylist()
    if len(set(cells)) == len(cells) and not any("." in cell for cell in cells):
        return ["", *first], "names from the first row, none above the first column"
    return [*first, f"x{len(first)}"], (
        f"names from the first row, none above the last column, called x{len(first)}"
    )


def _commented(layout: _Layout) -> Row:
    """Names in a comment above the table, as NumPy writes them."""
    rows = [row for _, row in Dialect(layout.dialect.delimiter).rows(layout.dialect.comment, False)]
    fits = len(rows) == 1 and len(rows[0]) == layout.width and not are_numbers(rows[0])
    return rows[0] if fits else []


def _with_first(layout: _Layout, columns: list[Any]) -> list[Any]:
    """The columns with the cells of the first row."""
    return [
        pa.chunked_array([pa.array([cell], pa.string()), *column.chunks])
        for cell, column in zip(layout.first, columns, strict=True)
    ]


def _unquoted(names: list[str]) -> list[str]:
    return [name[1:-1] if re.fullmatch("'.+'", name) else name for name in names]


def _unquoted_column(cells: Any) -> Any:
    """``cells`` without the single quotes that all of them stand in, where others have double
    ones."""
    quoted = pc.or_(pc.match_substring_regex(cells, "^'.*'$"), pc.equal(cells, ""))
    some = len(cells) and pc.all(quoted).as_py() and pc.any(pc.not_equal(cells, "")).as_py()
    return pc.replace_substring_regex(cells, "^'(.*)'$", r"\1") if some else cells


def _ragged(line: int, row: Row, width: int, dialect: Dialect) -> UserError:
    cells = f"{len(row)} cell{'s' * (len(row) != 1)}"
    return UserError(
        f"line {line} has {cells} and the others {width}, between {_shown(dialect)}; mend"
        " that line, or name another separator by delimiter"
    )


def _shown(dialect: Dialect) -> str:
    return NAMES.get(dialect.delimiter, repr(dialect.delimiter))
