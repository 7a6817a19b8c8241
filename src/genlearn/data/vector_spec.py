"""Arrays of rows: numbers, each column with its own mean and scale.

A column that never changes has no scale to divide by; it gets 1, so that it is centred and stays
constant.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core.errors import UserError
from ..core.spec import DataSpec, TableSpec, VectorSpec
from .dataset import Array, blocks


def vector_spec(
    values: Array,
    *,
    classes: tuple[str, ...] = (),
    captions: bool = False,
) -> VectorSpec:
    """The spec of rows (N, D)."""
    mean, scale = moments(values)
    return VectorSpec(
        shape=values.shape[1:],
        dtype=values.dtype.name,
        classes=classes,
        captions=captions,
        mean=tuple(mean.tolist()),
        scale=tuple(scale.tolist()),
    )


def column_names(spec: DataSpec) -> tuple[str, ...]:
    """The names of the numbers of an example; x0, x1, ... where the data came without."""
    return spec.columns if isinstance(spec, TableSpec) else tuple(f"x{i}" for i in range(spec.dim))


def moments(values: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each column, in two passes and double precision; numbers that
    are missing are passed over."""
    count = np.maximum(sum(np.isfinite(block).sum(0) for block in blocks(values)), 1)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = sum(_total(block, lambda x: x) for block in blocks(values)) / count
        scale = np.sqrt(
            sum(_total(block, lambda x: (x - mean) ** 2) for block in blocks(values)) / count
        )
    if not np.isfinite(scale).all():
        raise UserError(
            f"column {int(np.argmin(np.isfinite(scale)))} holds numbers too large to square; divide"
            " it by a constant first"
        )
    # A constant column has a rounding error for its deviation, never more than this.
    noise = 10 * np.finfo(np.float64).eps * np.maximum(np.abs(mean), np.finfo(np.float64).tiny)
    return mean, np.where(scale <= noise, 1.0, scale)


def _total(block: Array, term: Callable[[Array], Array]) -> Array:
    """The sum of ``term`` over the rows, in double precision, of the numbers that are there."""
    total: Array = np.where(np.isfinite(block), term(block.astype(np.float64)), 0).sum(0)
    return total
