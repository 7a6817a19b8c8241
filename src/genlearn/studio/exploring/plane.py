"""The plane in which codes vary most, and the way back from it: what lies between the points of its
map can be decoded.

Codes of one or two numbers are shown as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from ...core.capabilities import Array
from ...core.seeding import random_rows
from ...representation.checks import checked_codes
from ...representation.page.placing import Placing

_WIDE, _SAMPLE = 512, 5_000  # of codes with more numbers, so many say which way they vary
_BLOCK = 4096  # codes at a time


@dataclass(frozen=True, eq=False)
class Plane:
    """A code z lies at ``axes`` (z - ``mean``), two numbers; ``placing``: what a page shows of the
    plane. ``axes`` (2, d) are of length 1."""

    mean: Array
    axes: Array
    placing: Placing

    @classmethod
    def of(cls, codes: Array) -> Self:
        """That of ``codes`` (n, d). Raises `UserError` for fewer than two."""
        codes = checked_codes(codes, least=2)
        mean, axes = _directions(codes)
        points = np.concatenate(list(_points(codes, mean, axes)))
        return cls(mean, axes, Placing.of(points))

    def points(self, codes: Array) -> Array:
        """Where ``codes`` lie, (n, 2)."""
        return np.concatenate(list(_points(codes, self.mean, self.axes)))

    def code(self, x: float, y: float) -> Array:
        """The code at the shares ``x`` from the left of the page and ``y`` from its top, (1, d)."""
        found: Array = self.mean + self.placing.point(x, y) @ self.axes
        return found[None].astype(np.float32)


def _directions(codes: Array) -> tuple[Array, Array]:
    from sklearn.decomposition import PCA

    d = codes.shape[1]
    if d <= 2:
        return np.zeros(d), np.eye(2, d)
    some = np.asarray(codes)
    if d > _WIDE:
        some = some[np.sort(random_rows(0, len(codes), _SAMPLE, "directions"))]
    found = PCA(2, svd_solver="covariance_eigh" if len(some) > d else "full").fit(some)
    return np.asarray(found.mean_, np.float64), np.asarray(found.components_, np.float64)


def _points(codes: Array, mean: Array, axes: Array) -> Iterator[Array]:
    for start in range(0, len(codes), _BLOCK):
        yield (np.asarray(codes[start : start + _BLOCK], np.float64) - mean) @ axes.T
