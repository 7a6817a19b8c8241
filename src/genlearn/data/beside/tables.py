"""Tables that describe images by their names: ``metadata.csv``, ``.tsv`` and ``.jsonl`` as
`datasets` has them, and ``dataset.json`` as StyleGAN's tools write it.

Names of columns are compared without capitals, blanks and hyphens. A caption may hold the
separator without quotes where its column is the last: what is too much in a row belongs to it.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from posixpath import basename
from typing import Any

from ...core.disk.json_text import parse_json
from ...core.errors import UserError
from .captions import CAPTIONS

TABLES = ("metadata.csv", "metadata.tsv", "metadata.jsonl", "dataset.json")
FILE_NAMES = ("file_name", "filename", "file", "image", "image_path", "path", "image_file")
_SEPARATORS = ",;\t|"

Row = dict[str, Any]


def is_table(name: str) -> bool:
    """Whether a file is called as such tables are."""
    return basename(name).lower() in TABLES


def says_nothing(value: Any) -> bool:
    """Whether a cell is empty, in any of the ways there are."""
    return value in ("", None, [], {}) or (isinstance(value, float) and math.isnan(value))


def normal(column: Any) -> str:
    """The name of a column as it is compared."""
    return re.sub(r"[\s-]+", "_", str(column).strip().casefold())


def read_table(text: str, name: str) -> tuple[list[tuple[str, Row]], tuple[str, ...]] | None:
    """(file name, what is said of it) of each row, and lines on how it was read; None for a
    ``dataset.json`` that is none. Raises `UserError` that names the line of a bad row."""
    kind = name.lower().rpartition(".")[2]
    if kind == "json":
        return _read_stylegan(text)
    rows, notes = (_read_lines(text, name), ()) if kind == "jsonl" else _read_cells(text, name)
    return [_named(row, line, name) for line, row in rows], notes


def _named(row: Row, line: int, name: str) -> tuple[str, Row]:
    key = next((key for key in FILE_NAMES if row.get(key)), None)
    if key is None or not isinstance(row[key], str):
        raise UserError(
            f"line {line} of {name} has no file_name; its columns must be file_name, and text or"
            " label"
        )
    return row.pop(key), row


def _read_stylegan(text: str) -> tuple[list[tuple[str, Row]], tuple[str, ...]] | None:
    try:
        labels = parse_json(text)["labels"] or []
        pairs = labels.items() if isinstance(labels, dict) else labels
        return [(str(file), {"label": label}) for file, label in pairs], ()
    except (ValueError, TypeError, KeyError):
        return None


def _read_lines(text: str, name: str) -> list[tuple[int, Row]]:
    rows = []
    for number, line in enumerate(text.split("\n"), 1):  # others may stand within a caption
        try:
            if line.strip():
                fields = parse_json(line).items()
                rows.append((number, {normal(key): value for key, value in fields}))
        except (ValueError, AttributeError, RecursionError):
            raise UserError(
                f"line {number} of {name} is not a JSON object; each line must be one"
            ) from None
    return rows


def _read_cells(text: str, name: str) -> tuple[list[tuple[int, Row]], tuple[str, ...]]:
    numbered = _cells(text, name)
    columns = next(numbered, (1, []))[1]
    rows, whole = [], 0
    for line, cells in numbered:
        while len(cells) > len(columns) and not cells[-1].strip():
            cells.pop()
        if len(cells) > len(columns):
            if columns[-1] not in CAPTIONS:
                raise UserError(
                    f"line {line} of {name} has {len(cells)} cells, the first has {len(columns)};"
                    " put a cell that holds the separator in double quotes"
                )
            last = len(columns) - 1
            cells[last:] = [_separator(text).join(cells[last:])]
            whole += 1
        given = [(key, cell.strip() and cell) for key, cell in zip(columns, cells, strict=False)]
        rows.append((line, {key: cell for key, cell in reversed(given) if key or cell}))
    note = f"{whole} captions of {name} hold separators without quotes: read to the end of the line"
    return rows, ((note,) if whole else ())


def _cells(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The number of the line where each row begins, and its cells; the first are the columns."""
    separator, begins = _separator(text), 0
    told = text.startswith("sep=")
    lines = StringIO(text.split("\n", 1)[-1] if told else text, newline="")
    blank = re.search(f'[{re.escape(separator)}] +"', text) is not None
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=blank, strict=True)
    try:
        for cells in reader:
            if any(cells):
                yield begins + 1 + told, [normal(cell) for cell in cells] if not begins else cells
            begins = reader.line_num
    except csv.Error as error:
        raise UserError(
            f"line {begins + 1 + told} of {name} begins a row that cannot be read ({error}); see"
            ' whether a " is missing, or doubled inside a cell'
        ) from None


def _separator(text: str) -> str:
    """What stands in the first line between the name of the files' column and others."""
    first = text.partition("\n")[0]
    if match := re.fullmatch(r"sep=(.)\s*", first):
        return match[1]
    cut = Counter(
        {
            mark: sum(normal(cell.strip(' \r"')) in FILE_NAMES for cell in first.split(mark))
            + first.count(mark) / 1000
            for mark in _SEPARATORS
        }
    )
    return cut.most_common(1)[0][0]
