"""The columns of a table one by one: how values are spread, real and sampled, and how far apart.

A column of numbers is cut where the real values have even shares or lie evenly, a column of levels
has a bar each, and what is missing is a bar of its own. The distance is half the sum of the
differences of the bars, the total variation of the two histograms: 0 where they are equal, 1 where
they have nothing in common.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.capabilities import Array
from ...core.spec import Column, DataSpec, TableSpec
from ...data.columns.frames import as_numbers
from ...data.inspect.columns import at, by_count
from ...data.vector_spec import column_names

_BARS = 24


@dataclass(frozen=True)
class ColumnShares:
    """Shares (k,) of the ``real`` and the ``drawn`` rows in each bar; ``ends`` are written below
    the first and the last."""

    name: str
    real: Array
    drawn: Array
    ends: tuple[str, str]

    @property
    def distance(self) -> float:
        """Total variation of the two, in [0, 1]; what lies beyond all bars is one more."""
        beyond = abs(self.real.sum() - self.drawn.sum())
        return float(np.abs(self.real - self.drawn).sum() + beyond) / 2


def column_shares(real: Array, drawn: Array, spec: DataSpec) -> list[ColumnShares]:
    """Of each column of rows in the user's units, the one with the largest distance first."""
    fields = spec.fields if isinstance(spec, TableSpec) else (None,) * spec.dim
    rows = [as_numbers(x, spec).astype(np.float64) for x in (real, drawn)]
    found = [
        _shares(name, rows[0][:, i], rows[1][:, i], fields[i])
        for i, name in enumerate(column_names(spec))
    ]
    return sorted(found, key=lambda shares: -shares.distance)


def _shares(name: str, real: Array, drawn: Array, about: Column | None) -> ColumnShares:
    there = real[np.isfinite(real)]
    if about is not None and about.levelled and len(there):
        counts = _of_levels(real, drawn, about)
        names = [str(about.levels[k]) for k in by_count(there, about)[0]]
        ends = names[0], names[-1] if 1 < len(names) <= _BARS else ""
    else:
        edges = _edges(there)
        counts = [np.histogram(x[np.isfinite(x)], edges)[0] for x in (real, drawn)]
        ends = (at(edges[0], about), at(edges[-1], about)) if len(there) else ("", "")
    gone = [np.isnan(x).sum() for x in (real, drawn)]
    if any(gone):
        counts = [np.append(count, lost) for count, lost in zip(counts, gone, strict=True)]
        ends = ends[0], "missing"
    shares = [count / max(1, len(x)) for count, x in zip(counts, (real, drawn), strict=True)]
    return ColumnShares(name, shares[0], shares[1], ends)


def _of_levels(real: Array, drawn: Array, about: Column) -> list[Array]:
    """Rows of each level, the commonest first, those beyond the last bar together."""
    size = len(about.levels)
    counts = [np.bincount(x[np.isfinite(x)].astype(int), minlength=size) for x in (real, drawn)]
    order = np.argsort(-counts[0], kind="stable")
    return [
        np.append(count[order[:_BARS]], count[order[_BARS:]].sum())
        if size > _BARS
        else count[order]
        for count in counts
    ]


def _edges(values: Array) -> Array:
    """Even ones between the first and the last percent, and the ends; a bar for each value where
    there are few."""
    distinct = np.unique(values)
    if len(distinct) <= 1:
        middle = distinct[0] if len(distinct) else 0.0
        return np.array([middle - 0.5, middle + 0.5])
    if len(distinct) <= _BARS:
        middles = (distinct[1:] + distinct[:-1]) / 2
        return np.concatenate([[distinct[0]], middles, [distinct[-1]]])
    low, high = np.quantile(values, [0.01, 0.99])
    inner = np.linspace(low, high, _BARS - 1) if high > low else distinct[1:-1]
    return np.unique(np.concatenate([[distinct[0]], inner, [distinct[-1]]]))
