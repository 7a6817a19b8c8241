"""What codes must be to be worked with."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.capabilities import Array
from ..core.errors import UserError
from ..data.dataset import blocks


def checked_codes(codes: Any, least: int = 1) -> Array:
    """Codes (n, d) as they are. Raises `UserError` for other shapes, fewer than ``least``, what is
    no number, NaN and infinite values."""
    array = codes if isinstance(codes, np.ndarray) else np.asarray(codes)
    if array.ndim != 2 or array.dtype.kind not in "fiub" or not array.shape[1]:
        raise UserError(
            f"codes of shape {array.shape} and type {array.dtype} were given; codes are numbers"
            " (n, d)"
        )
    if len(array) < least:
        raise UserError(f"{len(array)} examples were given; this takes at least {least}")
    if not all(np.isfinite(block).all() for block in blocks(array)):
        raise UserError("the codes hold NaN or infinite values; remove those examples first")
    return array
