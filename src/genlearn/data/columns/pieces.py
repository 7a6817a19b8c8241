"""How the values of a column are spread: pieces of the line, each with its share of the rows.

A value that enough rows have is a piece of its own, as a spike of zeros is; the others are put
together, from neighbour to neighbour, until enough have come together. What lies between two such
pieces is shared among them; what lies beside a value of its own was never seen, and belongs to
none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..dataset import Array

_FEWEST = 10  # rows of a piece, but for the last of a run
_MOST = 1000  # pieces of a column
_IN_ALL = 200_000  # pieces of a table
_DECIMALS = 9
_EXACT = 1e-9  # of a step
_LATTICE = 20  # rows from which a common divisor is no chance


@dataclass(frozen=True)
class Pieces:
    """Ends and shares, in the order of the line."""

    low: Array
    high: Array
    mass: Array


def spread(values: Array, step: float, columns: int = 1) -> Pieces:
    """The pieces of the values that are there, (n,), n >= 1, on a lattice of ``step``, in a table
    of so many ``columns``."""
    distinct, counts = np.unique(values, return_counts=True)
    most = min(_MOST, max(50, _IN_ALL // columns))
    fewest = max(_FEWEST, len(values) / most)
    own = counts >= fewest
    before = np.concatenate([[0], np.cumsum(np.where(own, 0, counts))[:-1]])
    run = np.cumsum(own)  # of values between two that stand alone
    starts = np.searchsorted(run, run)
    group = np.where(own, 0, (before - before[starts]) // fewest)
    new = np.ones(len(distinct), bool)
    new[1:] = own[1:] | own[:-1] | (group[1:] != group[:-1])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(distinct)) - 1
    low, high = distinct[first] - step / 2, distinct[last] + step / 2
    shared = ~own[first[1:]] & ~own[last[:-1]]
    middle = _between(distinct[last[:-1]], distinct[first[1:]], step)
    high[:-1] = np.where(shared, middle, high[:-1])
    low[1:] = np.where(shared, middle, low[1:])
    mass = np.add.reduceat(counts, first) / len(values)
    return Pieces(low, high, mass)


def _between(a: Array, b: Array, step: float) -> Array:
    """Where the line is cut between values, which is between two of the lattice."""
    if not step:
        return (a + b) / 2
    return a + np.ceil((b - a) / (2 * step) - _EXACT) * step - step / 2


def lattice(values: Array) -> tuple[float, int | None]:
    """The distance that all values (n,) are multiples of apart, 0 if there is none, and the
    decimals that they are written with, None where they are not."""
    distinct = np.unique(values)
    for decimals in range(_DECIMALS + 1):
        scaled = distinct * 10.0**decimals
        if np.abs(scaled).max() > 2**53:
            break
        if (np.abs(scaled - scaled.round()) <= _EXACT * np.maximum(1, np.abs(scaled))).all():
            steps = np.diff(scaled.round().astype(np.int64))
            many = len(values) >= _LATTICE and len(steps) > 2
            return (int(np.gcd.reduce(steps)) if many else 1) / 10.0**decimals, decimals
    return 0.0, None
