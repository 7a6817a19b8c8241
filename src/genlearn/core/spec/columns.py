r"""One column of a table on the real line: the distributional transform.

A column's values are numbers: measurements as they are, whole seconds for dates, the index of a
level for categories. Its distribution function F is known in pieces, each with a share of the rows;
a value that many rows have is a piece of its own, and missing is one too. With V uniform on [0, 1],

    u = F(x-) + V (F(x) - F(x-)),     z = Phi^-1(u),

so that z is standard normal whatever the column was, steps, spikes, gaps and heavy tails included,
and x comes back from z exactly (Ferguson 1967, "Mathematical statistics: a decision theoretic
approach", section 5.3; Rueschendorf 2009, "On the distributional transform, Sklar's theorem, and
the empirical copula process"). What is left for a model to learn is what columns do together, the
copula.

**Density.** Inside a piece the values are uniform, so that p(x) = p(z) / phi(z) * du/dx, with du/dx
the share of the piece over its length. A whole number and a level have length 1, and their density
is a probability; V adds the noise of a uniform dequantisation, so that E_V log p is at most the
logarithm of that probability (Jensen).

**Beyond.** Values outside of what was seen go on along the normal's tail, by deviations of the
column; drawn ones stay inside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[Any]
Level = str | bool | int | float
Kind = Literal["continuous", "integer", "boolean", "category", "ordered", "date"]

LEVELLED = ("boolean", "category", "ordered")  # kinds whose values are the indices of levels
_LEAST = 1e-7  # share of the rows that ends of the line, and values of no share, are given


@dataclass(frozen=True, kw_only=True)
class Column:
    """Piece k has the share ``mass[k]`` of the rows that have a value, and lies between ``low[k]``
    and ``high[k]``, which are equal for a value of its own; the pieces stand in the order of the
    line, from Phi^-1(missing) up.

    ``missing``: the share of rows without a value. ``step``: the distance of neighbouring values, 0
    where there is none; values are written with ``decimals``. ``levels``: what the indices stand
    for. ``dtype``: of the data-frame's column.
    """

    name: str
    kind: Kind
    dtype: str
    low: tuple[float, ...] = field(repr=False)
    high: tuple[float, ...] = field(repr=False)
    mass: tuple[float, ...] = field(repr=False)
    missing: float = 0.0
    step: float = 0.0
    decimals: int | None = None
    levels: tuple[Level, ...] = field(default=(), repr=False)

    def check(self) -> str:
        """What is impossible about the column, or ''."""
        numbers = (*self.low, *self.high, *self.mass, self.missing, self.step)
        if not len(self.low) == len(self.high) == len(self.mass) > 0:
            return "its pieces have not all two ends and a share"
        if not all(map(math.isfinite, numbers)):
            return "its ends, shares and step are not all finite"
        troubles = {
            "the share of missing values is not from 0 to 1": not 0 <= self.missing <= 1,
            "its step is below 0": self.step < 0,
            "the shares of its pieces do not add up to 1": min(self.mass) < 0
            or not math.isclose(sum(self.mass), 1, abs_tol=1e-6),
            "a piece ends before it begins": bool((self._low > self._high).any()),
            "its decimals are not from 0 to 300": not 0 <= (self.decimals or 0) <= 300,
            "its pieces are not its levels": self.levelled
            and sorted(self.low) != [i - 0.5 for i in range(len(self.levels))],
        }
        return next((trouble for trouble, there in troubles.items() if there), "")

    @property
    def levelled(self) -> bool:
        """Whether values are indices of levels."""
        return self.kind in LEVELLED

    @cached_property
    def scale(self) -> float:
        """The standard deviation of the values that are there; 1 where they are all equal, and for
        levels."""
        if self.levelled:
            return 1.0
        mass, middle = np.array(self.mass), (self._low + self._high) / 2
        mean = mass @ middle
        variance = float(mass @ ((middle - mean) ** 2 + (self._high - self._low) ** 2 / 12))
        return math.sqrt(variance) if math.sqrt(variance) > 1e-12 * abs(mean) else 1.0

    def to_normal(self, values: Array, chance: Array) -> Array:
        """z (n,) of values (n,), by ``chance`` in [0, 1]; NaN is missing."""
        piece, share, beyond = self._place(values, chance)
        u = self._edges[piece] + share * self._masses[piece]
        u = np.where(np.isnan(values), chance * self.missing, u)
        z: Array = ndtri(u.clip(_LEAST, 1 - _LEAST)) + np.where(np.isnan(values), 0, beyond)
        return z

    def from_normal(self, z: Array) -> Array:
        """Values (n,) of z (n,), NaN where they are missing."""
        u = ndtr(z)
        piece = np.searchsorted(self._edges[1:], u, side="right").clip(max=self._last)
        share = ((u - self._edges[piece]) / np.maximum(self._masses[piece], 1e-300)).clip(0, 1)
        low, high = self._low[piece], self._high[piece]
        values = low + share * (high - low)
        if self.step:
            first = self._low.min() + self.step / 2
            values = first + ((values - first) / self.step).round() * self.step
            values = values.clip(low + self.step / 2, high - self.step / 2)
        if self.decimals is not None:
            values = values.round(self.decimals)
        found: Array = np.where(u < self.missing, np.nan, values)
        return found

    def log_volume(self, values: Array, z: Array) -> Array:
        """log |dz / dx| (n,) at values (n,) that became ``z``."""
        piece = self._place(values, np.full(len(values), 0.5))[0]
        length = self._high[piece] - self._low[piece]
        share = np.where(np.isnan(values), self.missing, self._masses[piece])
        length = np.where(np.isnan(values) | (length == 0), 1.0, length)
        inside: Array = np.log(np.maximum(share, _LEAST)) - np.log(length)
        tail = (values < self._low.min()) | (values > self._high.max())
        inside = np.where(tail, np.log(_LEAST / self.scale), inside)
        return inside + z**2 / 2 + math.log(2 * math.pi) / 2

    def _place(self, values: Array, chance: Array) -> tuple[Array, Array, Array]:
        """Of each value its piece, the share of the piece that lies below it, and how far beyond
        all pieces it is, in deviations."""
        known = np.where(np.isnan(values), self._low[0], values)
        piece = np.searchsorted(self._sorted_high, known, side="left").clip(0, len(self._low) - 1)
        before = (piece > 0) & (known < self._sorted_low[piece])
        nearer = before & (known - self._sorted_high[piece - 1] < self._sorted_low[piece] - known)
        piece = self._order[piece - nearer]
        low, high = self._low[piece], self._high[piece]
        beyond = known - known.clip(self._low.min(), self._high.max())
        length = high - low
        x = (known + (chance - 0.5) * self.step).clip(low, high)
        share = np.where(length > 0, (x - low) / np.where(length > 0, length, 1), chance)
        return piece, share, beyond / self.scale

    @cached_property
    def _low(self) -> Array:
        return np.array(self.low)

    @cached_property
    def _high(self) -> Array:
        return np.array(self.high)

    @cached_property
    def _masses(self) -> Array:
        return np.array(self.mass) * (1 - self.missing)

    @cached_property
    def _edges(self) -> Array:
        """Where pieces begin on [0, 1], and its end."""
        return np.concatenate([[self.missing], self.missing + np.cumsum(self._masses)])

    @cached_property
    def _last(self) -> int:
        """The last piece that has a share; those without one are of no width on [0, 1]."""
        return int(np.flatnonzero(self.mass)[-1])

    @cached_property
    def _order(self) -> Array:
        """The pieces by value; levels stand on the line in an order of their own."""
        return np.argsort(self._low, kind="stable")

    @cached_property
    def _sorted_low(self) -> Array:
        return self._low[self._order]

    @cached_property
    def _sorted_high(self) -> Array:
        return self._high[self._order]
