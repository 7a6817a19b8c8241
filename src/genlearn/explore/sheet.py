"""What a view shows: images in rows and columns, with their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines by name, each (k, 2) of points (x, y) with y in [0, 1], beside a sheet whose columns
    are the moments ``at`` on the x axis; ``level`` is a line of its own."""

    lines: dict[str, Array] = field(repr=False)
    at: tuple[float, ...]
    level: float


@dataclass(frozen=True, eq=False)
class Sheet:
    """Images ``values`` (rows, columns, *user_shape) in the user's units, by the names of ``rows``
    and ``columns``. Where it ``moves``, the columns are moments of what is one and the same, and
    ``axis`` says what is written at each."""

    values: Array = field(repr=False)
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    moves: bool = False
    axis: str = ""
    curves: Curves | None = None

    @property
    def flat(self) -> Array:
        """The images row by row, (rows * columns, *user_shape)."""
        return self.values.reshape(-1, *self.values.shape[2:])


def evenly(count: int, most: int) -> list[int]:
    """At most ``most`` of so many numbers, at even distances, both ends included."""
    return [int(i) for i in np.linspace(0, count - 1, min(most, count)).round()]
