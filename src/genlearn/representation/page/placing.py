"""Points of a plane as the whole numbers that a page draws, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from ...core.capabilities import Array

RANGE = 65_535  # of the numbers


@dataclass(frozen=True)
class Placing:
    """A square of the plane, with its lower left ``corner`` and ``side``, that a page shows."""

    corner: tuple[float, float]
    side: float

    @classmethod
    def of(cls, points: Array) -> Self:
        """The smallest that holds all ``points`` (n, 2), in its middle."""
        low, extent = points.min(0), np.ptp(points, axis=0)
        side = max(float(extent.max()), 1e-12)
        x, y = low - (side - extent) / 2
        return cls((float(x), float(y)), side)

    def numbers(self, points: Array) -> Array:
        """From the left and the top, uint16 (n, 2)."""
        shares = ((points - np.array(self.corner)) / self.side).clip(0, 1)
        shares[:, 1] = 1 - shares[:, 1]
        found: Array = (shares * RANGE).round().astype("<u2")
        return found

    def point(self, x: float, y: float) -> Array:
        """The point that lies at the shares ``x`` from the left and ``y`` from the top, (2,)."""
        found: Array = np.array(self.corner) + np.array([x, 1 - y]) * self.side
        return found
