"""Squared Euclidean distances of all pairs, a block of rows at a time.

||x - y||^2 = ||x||^2 + ||y||^2 - 2 x.y, so that the work is a matrix product. Pitfall: the three
terms cancel for near copies, and what is left is rounding of the order of ||x||^2. Values are
therefore centred first, kept in float64, and distances that differ by less than their `rounding`
count as equal, so that a copy is at distance 0 and ties are ties.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_ROWS = 512
# float64: some thousand times 2^-53, more than a product of thousands of terms loses
_ROUNDING = 1e-12


def centred(real: Array, fake: Array) -> tuple[Array, Array]:
    """Both sets minus the mean of ``real``, float64: a stray sample does not cost the others their
    accuracy."""
    centre = real.mean(0, dtype=np.float64)
    return real.astype(np.float64) - centre, fake.astype(np.float64) - centre


def rounding(x: Array, squared: Array) -> Array:
    """Of a distance about as large as ``squared`` (n,) from ``x`` (n, d); the other end is then no
    longer than both together."""
    return np.asarray(_ROUNDING * (np.square(x).sum(1) + squared))


def blocks(a: Array, b: Array) -> Iterator[tuple[slice, Array]]:
    """(rows, squared distances of those rows of ``a`` to all of ``b``), shape (rows, m)."""
    lengths, columns = np.square(b).sum(1), np.ascontiguousarray(-2 * b.T)
    for start in range(0, len(a), _ROWS):
        rows = slice(start, min(start + _ROWS, len(a)))
        squared = a[rows] @ columns
        squared += lengths
        squared += np.square(a[rows]).sum(1)[:, None]
        yield rows, squared
