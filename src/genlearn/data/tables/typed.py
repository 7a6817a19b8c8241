"""Columns of text as what they hold: numbers, true and false, or text.

The decimal mark is decided for the whole table. In a column of numbers a dash or NA is a number
that is missing; in a column of words it is a word, since NA is Namibia too. The column of classes
is taken as it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from ...core.errors import UserError
from ..open.labels import COLUMNS
from .numbers import SPACES, decide, is_missing, is_number, parse, parse_all, trimmed, without_sign

if TYPE_CHECKING:
    import pandas as pd

_FEW = 0.5  # share of cells that are no numbers, up to which a column is told to be almost one
_USUAL = ("", "nan", "na")  # what stands for a missing number and need not be told
_LARGEST = 2**53  # whole numbers that a double holds exactly


@dataclass
class Typing:
    """``frame`` of columns as what they hold, by one decimal ``mark``; ``notes`` on what is not as
    it was written."""

    mark: str
    label: str | None
    notes: list[str] = field(default_factory=list)

    def column(self, name: str, cells: Any) -> Any:
        """The cells as an array of integers, doubles (NaN where missing), booleans or text (None
        where empty)."""
        bare = trimmed(cells)
        gone = is_missing(bare)
        there, sign = without_sign(bare.filter(pc.invert(gone)))
        values = parse_all(there, self.mark) if len(there) else None
        if self.label == name or (
            self.label is None and name.lower() in COLUMNS and not self._is_measured(there, values)
        ):
            return self._classes(name, cells, bare)
        if values is not None:
            return self._numbers(name, bare, gone, there, values, sign)
        if len(there) and pc.all(pc.is_in(pc.utf8_lower(there), value_set=_BOOLEANS)).as_py():
            return _booleans(bare, gone)
        self._almost(name, there)
        return _text(bare)

    def _numbers(self, name: str, bare: Any, gone: Any, there: Any, parsed: Any, sign: str) -> Any:
        marks = pc.value_counts(bare.filter(gone)).to_pylist()
        for mark in marks:
            if mark["values"].lower() not in _USUAL:
                cells = f"{mark['counts']:,} cell{'s' * (mark['counts'] > 1)}"
                self.notes.append(f"column {name!r}: {mark['values']!r} is missing ({cells})")
        if sign:
            self.notes.append(f"column {name!r}: numbers with {sign}, which is taken off")
        self._regrouped(name, there)
        values = np.asarray(parsed)
        if values.dtype.kind == "i" and len(there) == len(bare):
            return values
        if values.dtype.kind == "i" and len(values) and np.abs(values).max() > _LARGEST:
            self.notes.append(f"column {name!r}: whole numbers beyond 2^53 are rounded")
        filled = np.full(len(bare), np.nan)
        filled[~np.asarray(gone)] = values
        return filled

    def _regrouped(self, name: str, there: Any) -> None:
        """Tell how groups of three digits are separated, and of zeros in front, as codes have."""
        group = "," if self.mark == "." else "."
        for sign, why in ((f"[{group}{SPACES}]", ""), ("^[+-]?0[0-9]", ", without its zeros")):
            written = there.filter(pc.match_substring_regex(there, sign))
            if len(written):
                shown = written[0].as_py().replace("\u00a0", " ").replace("\u202f", " ")
                value = parse(written[:1], self.mark)[0].as_py()
                self.notes.append(f"column {name!r}: {shown!r} is read as {value:.12g}{why}")

    def _classes(self, name: str, cells: Any, bare: Any) -> Any:
        """As written, but for whole numbers, which class names may be known for."""
        if len(padded := cells.filter(pc.not_equal(cells, pc.utf8_trim_whitespace(cells)))):
            self.notes.append(
                f"column {name!r}: blanks around class names taken off, as of {padded[0].as_py()!r}"
            )
        words = pc.is_in(pc.utf8_lower(bare), value_set=_NOUNS)
        for word in sorted(pc.unique(bare.filter(words)).to_pylist()):
            self.notes.append(f"column {name!r}: {word!r} is taken as a class, not as missing")
        if len(bare) and pc.all(pc.match_substring_regex(bare, "^-?(0|[1-9][0-9]{0,17})$")).as_py():
            return np.asarray(pc.cast(bare, pa.int64()))
        if len(bare) and pc.all(is_number(bare, self.mark)).as_py():
            values = parse(bare, self.mark)
            plain = not pc.any(pc.match_substring_regex(bare, "^[+-]?0[0-9]")).as_py()
            return np.asarray(values) if plain else _text(bare)
        return _text(bare)

    def _is_measured(self, there: Any, values: Any) -> bool:
        """Whether a column that is called as those of classes are holds fractions, all or most."""
        if values is None and len(there):
            good = is_number(there, self.mark)
            most = _count(good) >= (1 - _FEW) * len(there)
            values = parse(there.filter(good), self.mark) if most else None
        return values is not None and not _are_whole(values)

    def _almost(self, name: str, there: Any) -> None:
        """Tell why a column that is nearly one of numbers is not."""
        good = is_number(there, self.mark)
        other = "," if self.mark == "." else "."
        if len(there) and pc.all(is_number(there, other)).as_py():
            self.notes.append(
                f"column {name!r} has numbers with the decimal mark {other!r}, such as"
                f" {there[0].as_py()!r}, and the table {self.mark!r} (see decimal)"
            )
            return
        bad = there.filter(pc.invert(good))
        bare = pc.replace_substring_regex(there, r"\s*%$", "")
        if len(bad) and pc.all(is_number(bare, self.mark)).as_py():
            self.notes.append(f"column {name!r} has some numbers with % and some without")
        elif 0 < len(bad) <= _FEW * len(there):
            self.notes.append(
                f"column {name!r} is no column of numbers by {len(bad)} of its {len(there)} cells,"
                f" such as {bad[0].as_py()[:40]!r}"
            )


_BOOLEANS = pa.array(["true", "false"])
_NOUNS = pa.array(["na", "n/a", "nan", "null", "none"])


def typed(
    columns: dict[str, Any], delimiter: str, decimal: str | None, label: str | None
) -> tuple[pd.DataFrame, str, list[str]]:
    """The columns of text as a data-frame, with a line on the decimal mark where it is not plain,
    and notes. Raises `UserError` where the mark cannot be decided, or another one was given."""
    import pandas as pd

    if decimal not in (None, ".", ","):
        raise UserError(f"decimal={decimal!r} was given; the decimal mark is '.' or ','")
    mark, why = (
        (decimal, "as asked") if decimal else decide([*map(trimmed, columns.values())], delimiter)
    )
    if not mark:
        raise UserError(
            "numbers such as 1,234 may be fractions or thousands, and no other cell tells; say"
            " which by decimal, '.' or ','"
        )
    typing = Typing(mark, label)
    frame = pd.DataFrame({name: typing.column(name, cells) for name, cells in columns.items()})
    return frame, f"decimal mark {mark!r} ({why})" if why else "", typing.notes


def _are_whole(values: Any) -> bool:
    numbers = np.asarray(values)
    return bool((numbers == np.rint(numbers)).all())


def _count(cells: Any) -> int:
    return int(pc.sum(cells).as_py() or 0)


def _booleans(bare: Any, gone: Any) -> Any:
    import pandas as pd

    true, missing = np.asarray(pc.equal(pc.utf8_lower(bare), "true")), np.asarray(gone)
    return pd.arrays.BooleanArray(true, missing) if missing.any() else true


def _text(bare: Any) -> Any:
    """Text as pandas has it by itself."""
    return pc.if_else(pc.equal(bare, ""), None, bare).to_pandas()
