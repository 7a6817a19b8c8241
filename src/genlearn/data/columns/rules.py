"""Rules that rows of a table hold, as people write them: ``entry <= exit``, ``a + b = total``.

    rule      side operator side, or: unique column, column ..
    operator  = != < <= > >=
    side      a column, several columns or numbers with + between them, or a value

Names and values that hold operators stand in quotes. A value is read as the column on the other
side has its own: a number, a date, a level, or missing. A row of which a compared value is missing
holds no rule but ``column = missing``. Equal means to twelve digits, since sums of decimals are not
exact. What is unique no two rows have: the first that has it holds the rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ...core.errors import UserError, nearest
from ...core.spec import Column, DataSpec, ImageSpec, TableSpec
from ..dataset import Array
from ..vector_spec import column_names
from .written import MISSING, number_of

_RULE = re.compile(
    r"""\s*((?:"[^"]*"|'[^']*'|[^<>=!"'])+)(<=|>=|!=|==|=|<|>)((?:"[^"]*"|'[^']*'|[^<>=!"'])+)"""
)
_UNIQUE = re.compile(r"\s*unique\s*(?:\((.+)\)|\s(.+))\s*", re.DOTALL)
_LISTED = re.compile(r"""(?:"[^"]*"|'[^']*'|[^,"'])+""")
_TERM = re.compile(r"""(?:"[^"]*"|'[^']*'|[^+"'])+""")
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_DIGITS = 1e-12


@dataclass(frozen=True)
class Rule:
    """``holds(rows)``, (n,), of rows (n, D) of numbers that stand for a table's values; ``key``:
    the columns of which no two rows have the same values, if any."""

    text: str
    holds: Callable[[Array], Array]
    key: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Sum:
    """The sum of ``columns``, by number, and of ``constant``."""

    columns: tuple[int, ...]
    constant: float = 0.0

    def of(self, rows: Array) -> Array:
        total: Array = rows[:, list(self.columns)].sum(1) + self.constant
        return total

    def rounding(self, rows: Array) -> Array:
        """How far the sum may be from what its decimals say, (n,)."""
        largest: Array = np.abs(rows[:, list(self.columns)]).sum(1) + abs(self.constant)
        return _DIGITS * largest


def rules(texts: Iterable[str], spec: DataSpec) -> tuple[Rule, ...]:
    """The rules that ``texts`` say of rows of ``spec``. Raises `UserError` for what is none, and
    for a column that there is not."""
    if isinstance(spec, ImageSpec) or len(spec.shape) != 1:
        raise UserError("keep was given; rules are for rows of a table, and the model draws none")
    if isinstance(texts, str):
        texts = (texts,)
    texts = tuple(texts)
    if not texts:
        raise UserError("keep was given without a rule; write one such as 'entry <= exit'")
    return tuple(_Reader(text, spec).rule() for text in texts)


@dataclass(frozen=True)
class _Reader:
    """Reads one rule."""

    text: str
    spec: DataSpec

    def rule(self) -> Rule:
        match = _RULE.fullmatch(self.text) if isinstance(self.text, str) else None
        unique = None if match or not isinstance(self.text, str) else _UNIQUE.fullmatch(self.text)
        if unique:
            key = tuple(map(self.named, _LISTED.findall(unique[1] or unique[2])))
            return Rule(self.text, lambda rows: first_of_each(rows, key, set()), key)
        if match is None or not match[1].strip() or not match[3].strip():
            raise self.error("it is no rule; write one such as 'entry <= exit' or 'a + b = total'")
        left, operator, right = match[1].strip(), match[2].replace("==", "="), match[3].strip()
        a, b = self.columns_of(left), self.columns_of(right)
        if a is None and b is None:
            raise self.error(
                f"no column is called {_unquoted(left)!r}; {nearest(_unquoted(left), self.names)}"
            )
        if a is None:
            a, b, right, operator = b, a, left, _FLIPPED.get(operator, operator)
        assert a is not None
        if b is not None:
            return Rule(self.text, self.between(a, operator, b))
        if _unquoted(right) == MISSING and operator in ("=", "!=") and not self.has_level(a):
            return Rule(self.text, _missing(a, operator == "="))
        value = self.value(right, a)
        self.check_order(a, operator)
        return Rule(self.text, _compared(a, operator, _Sum((), value)))

    @property
    def names(self) -> tuple[str, ...]:
        return column_names(self.spec)

    def named(self, text: str) -> int:
        """The number of a column."""
        name = _unquoted(text)
        if name not in self.names:
            raise self.error(f"no column is called {name!r}; {nearest(name, self.names)}")
        return self.names.index(name)

    def columns_of(self, side: str) -> _Sum | None:
        """The columns of a side; None where it is a value."""
        if _unquoted(side) in self.names:
            return _Sum((self.names.index(_unquoted(side)),))
        terms = [term.strip() for term in _TERM.findall(side)]
        if len(terms) < 2 or not any(_unquoted(term) in self.names for term in terms):
            return None
        found, constant = [], 0.0
        for name in map(_unquoted, terms):
            if name in self.names:
                found.append(self.names.index(name))
                if self.kind(found[-1]) != "number":
                    raise self.error(f"column {name!r} holds no numbers to add up")
            else:
                constant += self.number(name)
        return _Sum(tuple(found), constant)

    def value(self, text: str, other: _Sum) -> float:
        """What is written as ``text``, as the ``other`` side has its values."""
        column = self.column(other.columns[0])
        if column is None or self.kind(other.columns[0]) == "number":
            return self.number(_unquoted(text))
        return number_of(_unquoted(text), column)

    def number(self, text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = np.nan
        if not np.isfinite(found):
            raise self.error(
                f"{text!r} is neither a number nor a column; {nearest(text, self.names)}"
            )
        return found

    def between(self, a: _Sum, operator: str, b: _Sum) -> Callable[[Array], Array]:
        """How two sides of columns are compared."""
        kinds = [{self.kind(i) for i in side.columns} for side in (a, b)]
        if kinds[0] != kinds[1]:
            raise self.error("the two sides hold values of different kinds")
        one, two = self.column(a.columns[0]), self.column(b.columns[0])
        if one is None or two is None or not one.levelled:
            return _compared(a, operator, b)
        if one.kind == two.kind == "ordered" and one.levels == two.levels:
            return _compared(a, operator, b)
        if operator not in ("=", "!="):
            raise self.error("the levels of the two columns have no order in common")
        places = {str(level): place for place, level in enumerate(one.levels)}
        known = np.array([places.get(str(level), -1) for level in two.levels], np.float64)
        return _same_level(a.columns[0], b.columns[0], known, operator == "=")

    def check_order(self, side: _Sum, operator: str) -> None:
        column = self.column(side.columns[0])
        if column and column.levelled and column.kind != "ordered" and operator not in ("=", "!="):
            raise self.error(f"the levels of column {column.name!r} have no order")

    def has_level(self, side: _Sum) -> bool:
        column = self.column(side.columns[0])
        return column is not None and MISSING in map(str, column.levels)

    def column(self, i: int) -> Column | None:
        return self.spec.fields[i] if isinstance(self.spec, TableSpec) else None

    def kind(self, i: int) -> str:
        """What is compared with its like alone."""
        column = self.column(i)
        if column is None or column.kind in ("continuous", "integer"):
            return "number"
        if column.levelled:
            return "level"
        return "duration" if column.dtype.startswith("timedelta") else "date"

    def error(self, why: str) -> UserError:
        return UserError(f"keep={self.text!r} was given, and {why}")


def _compared(a: _Sum, operator: str, b: _Sum) -> Callable[[Array], Array]:
    def holds(rows: Array) -> Array:
        x, y = np.broadcast_arrays(a.of(rows), b.of(rows))
        equal = np.abs(x - y) <= a.rounding(rows) + b.rounding(rows)
        there = np.isfinite(x) & np.isfinite(y)
        found = {
            "=": equal,
            "!=": ~equal,
            "<": (x < y) & ~equal,
            "<=": (x < y) | equal,
            ">": (x > y) & ~equal,
            ">=": (x > y) | equal,
        }[operator]
        kept: Array = found & there
        return kept

    return holds


def _missing(side: _Sum, wanted: bool) -> Callable[[Array], Array]:
    return lambda rows: np.isnan(side.of(rows)) == wanted


def _same_level(i: int, j: int, places: Array, wanted: bool) -> Callable[[Array], Array]:
    """``places``: of each level of column j, its place among those of column i."""

    def holds(rows: Array) -> Array:
        there = np.isfinite(rows[:, [i, j]]).all(1)
        other = places[np.where(there, rows[:, j], 0).astype(int)]
        kept: Array = there & ((rows[:, i] == other) == wanted)
        return kept

    return holds


def first_of_each(rows: Array, key: tuple[int, ...], seen: set[bytes]) -> Array:
    """Whether each row is the first that has its values of the columns ``key``, of those ``seen``
    before and of these; ``seen`` has them all then."""
    found = np.zeros(len(rows), bool)
    for i, values in enumerate(rows[:, list(key)] + 0.0):  # -0 is 0
        name = values.tobytes()
        if np.isfinite(values).all() and name not in seen:
            seen.add(name)
            found[i] = True
    return found


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if text[:1] in "\"'" and text[-1:] == text[:1] else text
