"""What is expected of a number before it is known: by its neighbours, and by a model.

Numbers stand in images (n, H, W, C), coded row by row from the top, all images of a block at once,
the channels of a pixel one after another. What lies to the left, above, and in channels before is
known; where an image ends, the nearest known pixel stands in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tables import FINE, Ints

Floats = NDArray[np.float64]
_OFFSETS = (
    *((0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0), (-1, -2), (-1, 2)),
    *((-2, -1), (-2, 1), (-2, -2), (-2, 2), (0, -3), (-3, 0)),
)  # W N NW NE WW NN first
_AROUND = 1  # pixels of a model's expectation that are looked at, to each side
_UNIT = 1 << 16  # a coefficient of 1
_CONSTANT, _RIDGE = 32, 100.0
_TOP = 255


@dataclass(frozen=True)
class Place:
    """What is known of a pixel of each image: ``near`` (n, 14, C), those before it; ``before`` (n,
    C), its own channels, of which those that are known may be looked at; ``expected`` (n, 9, C), a
    model's expectation of it and what is around, or (n, 0, C)."""

    near: Ints
    before: Ints
    expected: Ints

    def regressors(self, channel: int) -> Floats:
        """(n, D), whole numbers."""
        n = len(self.near)
        parts = (self.near, self.expected, self.before[:, None, :channel])
        constant = np.full((n, 1), _CONSTANT)
        flat = [part.reshape(n, -1) for part in parts]
        return np.concatenate([*flat, constant], axis=1).astype(np.float64)


def regressor_count(channels: int, channel: int, expected: bool) -> int:
    """How many numbers `Place.regressors` has."""
    return (len(_OFFSETS) + (2 * _AROUND + 1) ** 2 * expected) * channels + channel + 1


def place(known: Ints, expected: Ints | None, row: int, column: int) -> Place:
    """Of the images ``known`` (n, H, W, C), of which what is not coded yet is not looked at."""
    n, _, width, channels = known.shape
    zero = np.zeros((n, channels), np.int64)
    left = known[:, row, column - 1] if column else None
    above = known[:, row - 1, column] if row else None
    above = above if above is not None else left if left is not None else zero
    left = left if left is not None else above

    def neighbour(down: int, right: int) -> Ints:
        r, c = row + down, column + right
        if r >= 0 and 0 <= c < width:
            return known[:, r, c]
        return above if down else left

    near = np.stack([neighbour(*offset) for offset in _OFFSETS], axis=1)
    around = (
        np.zeros((n, 0, channels), np.int64)
        if expected is None  # padded by `_AROUND`
        else expected[:, row : row + 3, column : column + 3].reshape(n, 9, channels)
    )
    return Place(near, known[:, row, column], around)


def padded(expected: Ints) -> Ints:
    """A model's expectation (n, H, W, C), with its edges repeated outside."""
    sides = ((0, 0), (_AROUND, _AROUND), (_AROUND, _AROUND), (0, 0))
    return np.pad(expected, sides, mode="edge")


class LeastSquares:
    """The linear prediction that would have been best for all that was seen so far.

    Sums of squares are of whole numbers, exact in any order; the equations are solved by
    elimination, each step of which is one operation on each number.
    """

    def __init__(self, size: int) -> None:
        self.squares = np.zeros((size, size))
        self.products = np.zeros(size)
        self.coefficients: Floats | None = None

    def predict(self, x: Floats) -> Ints | None:
        """(n, D) -> (n,) in eighths of a level, once there is something to go by."""
        if self.coefficients is None:
            return None
        fine = np.floor(x @ self.coefficients / (_UNIT // FINE))
        return fine.clip(0, _TOP * FINE).astype(np.int64)

    def see(self, x: Floats, y: Ints) -> None:
        self.squares += x.T @ x
        self.products += y.astype(np.float64) @ x

    def solve(self) -> None:
        ridge = _RIDGE * np.eye(len(self.squares))
        solved = _eliminate(self.squares + ridge, self.products)
        self.coefficients = np.rint(_UNIT * solved).clip(-_UNIT * 64, _UNIT * 64)


def _eliminate(matrix: Floats, right: Floats) -> Floats:
    """x of ``matrix`` x = ``right``, positive definite (Gauss and Jordan)."""
    rows = np.concatenate([matrix, right[:, None]], axis=1)
    for k in range(len(rows)):
        pivot = rows[k] / rows[k, k]
        factors = rows[:, k].copy()
        factors[k] = 0.0
        rows -= factors[:, None] * pivot
        rows[k] = pivot
    return rows[:, -1]


def simple_predictions(where: Place, channel: int) -> list[Ints]:
    """In eighths of a level: along the gradient (W + N - NW), and the mean of W and N; channels
    after the first add by how much the one before missed the same."""
    left, above, corner = (where.near[:, k, channel] for k in range(3))
    gradient, mean = FINE * (left + above - corner), FINE // 2 * (left + above)
    if channel:
        before = FINE * where.before[:, channel - 1]
        left, above, corner = (where.near[:, k, channel - 1] for k in range(3))
        gradient = gradient + before - FINE * (left + above - corner)
        mean = mean + before - FINE // 2 * (left + above)
    return [gradient.clip(0, _TOP * FINE), mean.clip(0, _TOP * FINE)]


def activity(where: Place, channel: int) -> Ints:
    """How much the neighbourhood varies, from 0 to 15, on a logarithmic scale."""
    left, above, corner, right, far, _ = (where.near[:, k, channel] for k in range(6))
    varies: Ints = abs(left - corner) + abs(above - corner) + abs(above - right) + abs(left - far)
    if channel:
        before = (where.near[:, 0, channel - 1] + where.near[:, 1, channel - 1]) >> 1
        varies = varies // 2 + 2 * abs(where.before[:, channel - 1] - before)
    found: Ints = np.searchsorted(_ACTIVITIES, varies, side="right").astype(np.int64)
    return found


_ACTIVITIES = np.array([1, 2, 3, 5, 8, 12, 20, 31, 48, 75, 116, 180, 278, 430, 664])
