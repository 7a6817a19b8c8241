r"""Numbers as people write them: what a cell of text means, under either decimal mark.

    mark   whole part           example
    .      groups by , blank '  1,234.5   1 234.5   1'234.5
    ,      groups by . blank '  1.234,5   1 234,5   1'234,5

A group has three digits and the first does not begin with 0, so that 0,125 is a fraction. 1,234 is
a number under either mark, and not the same one: `decide` looks at all cells of a table.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyarrow import compute as pc

Cells = Any  # pyarrow.ChunkedArray of text, without blanks around

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "-", "--", "?", ".", "<na>", "nat")
SPACES = " \u00a0\u202f'’"  # between groups of digits
_SIGNS = "%$€£¥₹"
_SHARE = 0.8  # of the cells that are numbers, from which a column has a say
_COMMAS = ",|[.][0-9]{3}[.]"  # without any, numbers have the mark .
_INFINITE = "(?i:inf|infinity)"


def _pattern(mark: str, group: str) -> str:
    grouped = f"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+"
    spaced = f"[1-9][0-9]{{0,2}}(?:[{SPACES}][0-9]{{3}})+"
    whole = f"(?:[0-9]+|{grouped}|{spaced})"
    return f"^[+-]?(?:(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]+)?|{_INFINITE})$"


_PATTERNS = {".": _pattern("[.]", ","), ",": _pattern(",", "[.]")}


def trimmed(cells: Cells) -> Cells:
    """Without blanks around, and with the minus of typographers as that of computers."""
    return pc.replace_substring(pc.utf8_trim_whitespace(cells), "\u2212", "-")


def is_missing(cells: Cells) -> Cells:
    """Where a cell of a column of numbers stands for none: empty, NA, a dash, ..."""
    return pc.is_in(pc.utf8_lower(cells), value_set=pa.array(MISSING))


def is_number(cells: Cells, mark: str) -> Cells:
    """Where a cell is a number with this decimal mark."""
    return pc.match_substring_regex(cells, _PATTERNS[mark])


def parse_all(cells: Cells, mark: str) -> Any:
    """`parse`, or None where a cell is no number."""
    known = plain(cells) if mark == "." else None
    if known is None and len(cells) and pc.all(is_number(cells, mark)).as_py():
        return parse(cells, mark)
    return known


def plain(cells: Cells) -> Any:
    """The cells as int64 or double where all are numbers as computers write them, else None: far
    faster than `parse`."""
    for kind in (pa.int64(), pa.float64()):
        try:
            return pc.cast(cells, kind)
        except pa.ArrowInvalid:
            pass
    return None


def without_sign(cells: Cells) -> tuple[Cells, str]:
    """``cells``, of which none is missing, without the percent or currency sign that all of them
    have, and that sign."""
    first = cells[0].as_py() if len(cells) else ""
    for sign in _SIGNS:
        if sign in first:
            bare = pc.replace_substring_regex(
                cells, rf"^([+-]?)\s*[{sign}]\s*(.*)$|^(.*\S)\s*[{sign}]$", r"\1\2\3"
            )
            if not pc.any(pc.equal(bare, cells)).as_py():
                return bare, sign
    return cells, ""


def decide(columns: list[Cells], delimiter: str) -> tuple[str, str]:
    """The decimal mark that more cells speak for, and why; "" where cells such as 1,234 may mean
    either and nothing tells."""
    dots = commas = grouped = 0
    if not any(pc.any(pc.match_substring_regex(c, _COMMAS)).as_py() for c in columns):
        return ".", ""
    for cells in columns:
        there, _ = without_sign(cells.filter(pc.invert(is_missing(cells))))
        dot, comma = is_number(there, "."), is_number(there, ",")
        if not len(there) or pc.sum(pc.or_(dot, comma)).as_py() < _SHARE * len(there):
            continue
        both = pc.and_(dot, comma)
        dots += _count(pc.and_not(dot, comma)) + _count(
            pc.and_(both, pc.match_substring(there, "."))
        )
        commas += _count(pc.and_not(comma, dot))
        grouped += _count(pc.and_(both, pc.match_substring(there, ",")))
    if commas > dots:
        return ",", f"{commas:,} cells are numbers with that mark alone"
    if commas or dots or not grouped or delimiter == ",":
        return ".", ""
    return (",", "cells are separated by ';'") if delimiter == ";" else ("", "")


def parse(cells: Cells, mark: str) -> Any:
    """Cells that are numbers with this ``mark`` as int64, or as doubles where one is no whole
    number or too large; missing ones are null."""
    group = "[.]" if mark == "," else ","
    bare = pc.replace_substring_regex(cells, f"[{SPACES}]|^[+]|{group}", "")
    bare = pc.replace_substring(bare, ",", ".")
    if not pc.any(pc.match_substring_regex(bare, "[^0-9-]")).as_py():
        try:
            return pc.cast(bare, pa.int64())
        except pa.ArrowInvalid:  # beyond 64 bits
            pass
    bare = pc.replace_substring_regex(bare, "[.]($|[eE])", r"\1")
    return pc.cast(bare, pa.float64())


def _count(cells: Cells) -> int:
    return int(pc.sum(cells).as_py() or 0)
