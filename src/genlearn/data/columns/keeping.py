"""Rows that hold rules: drawn on until there are enough of them.

The rows that hold are taken in the order in which they are drawn, so that the i-th of them depends
on the seed and on i alone; they are draws of p(x | all rules hold), exactly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core.errors import UserError
from ...core.spec import DataSpec
from .frames import as_numbers
from .rules import Rule, first_of_each, rules

RAREST = 10_000  # of so many rows that are drawn, one must hold
_LEAST, _CHUNK = 20_000, 512  # rows that are drawn before one gives up, and at a time
Draw = Callable[[int, int], Any]  # so many rows, number ``start`` and on


@dataclass
class Keeping:
    """Keeps those rows of ``spec`` that hold ``rules``; ``drawn`` and ``kept`` count them, ``each``
    counts the rows that hold each rule (a unique key: of those that hold the others); ``keys`` are
    those that were kept, by rule."""

    spec: DataSpec
    rules: tuple[Rule, ...]
    drawn: int = 0
    kept: int = 0
    each: list[int] = field(default_factory=list)
    keys: dict[str, set[bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[str], spec: DataSpec) -> Keeping:
        """By rules as people write them. Raises `UserError` for what is none."""
        found = rules(texts, spec)
        return cls(spec, found, each=[0] * len(found))

    def shares(self, rows: Any) -> list[float]:
        """Of ``rows`` in the user's units, the share that holds each rule."""
        values = as_numbers(rows, self.spec)
        return [float(rule.holds(values).mean()) for rule in self.rules]

    def parts(self, n: int, draw: Draw) -> Iterator[Any]:
        """``n`` rows that hold all rules, part by part. Raises `UserError` where hardly any
        does."""
        left = n
        while left:
            rows = draw(_CHUNK, self.drawn)
            values = as_numbers(rows, self.spec)
            held = self._held(values)
            places = np.flatnonzero(held.all(0))[:left]
            # what comes after the last one that is needed is not counted
            seen = places[-1] + 1 if len(places) == left else len(values)
            self.drawn, self.kept = self.drawn + int(seen), self.kept + len(places)
            self.each = [
                sum(pair) for pair in zip(self.each, held[:, :seen].sum(1).tolist(), strict=True)
            ]
            left -= len(places)
            if len(places):
                yield _taken(rows, places)
            if left and self.drawn >= _LEAST and self.kept * RAREST < self.drawn:
                raise UserError(
                    f"of {self.drawn:,} rows that were drawn, {self.kept} hold {self._named()},"
                    f" fewer than 1 of {RAREST:,}; {self._least()}: ask for less, or learn from"
                    " rows that hold it"
                )

    def _held(self, values: Any) -> Any:
        """Which of the rules each row holds, (rules, n); keys are looked at last, in order."""
        plain = [np.ones(len(values), bool) if r.key else r.holds(values) for r in self.rules]
        held = np.stack(plain)
        for number, rule in enumerate(self.rules):
            if rule.key:
                others, seen = held.all(0), self.keys.setdefault(rule.text, set())
                held[number] = False
                held[number, others] = first_of_each(values[others], rule.key, seen)
        return held

    def told(self) -> str:
        """How many rows were drawn for those that were kept."""
        share = f"{self.kept:,} of {self.drawn:,} rows that were drawn hold {self._named()}"
        shares = f"{share} ({100 * self.kept / max(1, self.drawn):.3g} %)"
        return shares if len(self.rules) == 1 else f"{shares}; {self._least()}"

    def _named(self) -> str:
        return ", ".join(repr(rule.text) for rule in self.rules)

    def _least(self) -> str:
        """The rule that the fewest rows hold."""
        worst = int(np.argmin(self.each))
        share = 100 * self.each[worst] / max(1, self.drawn)
        return f"{self.rules[worst].text!r} holds in {share:.3g} %"


def sample_keeping(
    model: Any, n: int, keep: Iterable[str], *, seed: int | None = None, **options: Any
) -> Any:
    """``n`` rows of the fitted ``model`` that hold the rules ``keep``, such as 'entry <= exit';
    ``options`` are those of its ``sample``. Raises `UserError` for what is no rule, and for rules
    that fewer than 1 of 10,000 rows hold."""
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise UserError(f"n={n!r} was given; it is a whole number of at least 1")
    check_unbalanced(options)
    keeping = Keeping.of(keep, model.spec_)
    parts = keeping.parts(
        int(n), lambda count, start: model.sample(count, seed=seed, start=start, **options)
    )
    return _joined(list(parts))


def check_unbalanced(options: dict[str, Any]) -> None:
    """Raise `UserError` where levels would not stay equally often, as rules keep some of them more
    than others."""
    if options.get("balance") is not None:
        raise UserError(
            f"balance={options['balance']!r} and keep were given, and rules would keep some levels"
            " more often than others; draw each level by itself, with where and keep"
        )


def _taken(rows: Any, places: Any) -> Any:
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        return rows.iloc[places].reset_index(drop=True)
    return rows[places]


def _joined(parts: list[Any]) -> Any:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    if type(parts[0]).__module__.startswith("polars"):
        return sys.modules["polars"].concat(parts)
    import pandas as pd

    return pd.concat(parts, ignore_index=True)
