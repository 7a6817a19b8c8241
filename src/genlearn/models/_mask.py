"""What is to be filled in of examples."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.capabilities import Array
from ..core.errors import UserError


def broadcast_mask(mask: Any, values: Array) -> Array:
    """``mask`` as booleans of the shape of ``values``. Raises `UserError` for another shape."""
    given, shape = np.asarray(mask).astype(bool), values.shape
    if values.ndim == 4 and given.shape in (shape[1:3], shape[:3]):
        given = given[..., None]
    if (
        given.shape[-(values.ndim - 1) :] not in (shape[1:], (*shape[1:3], 1))
        or given.ndim > values.ndim
        or (given.ndim == values.ndim and len(given) not in (1, len(values)))
    ):
        raise UserError(
            f"a mask of shape {np.shape(mask)} was given; the examples have shape {shape[1:]}: give"
            " one of that shape, or one for each"
        )
    return np.broadcast_to(given, shape).copy()
