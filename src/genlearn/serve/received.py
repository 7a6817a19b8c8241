"""What clients send, checked before anything is made of it: a small body must not become a large
object, nor a wrong value another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..core.capabilities import Array
from ..core.errors import UserError
from ..core.spec import ImageSpec

_SHOWN = 5  # names in a message


def numbers(values: Any) -> Array:
    """Nested lists as an array. Raises `UserError` where they are none of numbers."""
    try:
        found = np.asarray(values)
    except ValueError:
        found = np.asarray(None)
    if found.dtype.kind not in "iufb":
        raise UserError(
            "the examples are no array of numbers: lists of one length, of numbers alone"
        )
    return found


def as_levels(values: Array, spec: ImageSpec) -> Array:
    """Whole numbers in the type of the images. Raises `UserError` for those out of their range."""
    if values.dtype.kind not in "iu":
        return values
    if values.size and not (spec.low <= values.min() and values.max() <= spec.high):
        raise UserError(
            f"values from {values.min()} to {values.max()} were given; the model learned from"
            f" {spec.low:g} to {spec.high:g}"
        )
    return values.astype(spec.dtype)


def rows_of_table(rows: Sequence[Any], columns: Sequence[str]) -> pd.DataFrame:
    """Objects by column as a data-frame. Raises `UserError` for other columns than ``columns``, and
    for what no cell holds."""
    known = set(columns)
    for row in rows:
        if not isinstance(row, dict):
            raise UserError('rows are objects by column, as {"height": 1.8}')
        if more := [name for name in row if name not in known]:
            raise UserError(
                f"columns that were not learned from: {', '.join(more[:_SHOWN])}; leave them out"
            )
        for name, value in row.items():
            check_scalar(name, value)
    return pd.DataFrame(rows)


def check_scalar(name: str, value: Any) -> None:
    """Raise `UserError` where ``value`` is neither text that can be written, number, truth nor
    null."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UserError(f"{name} is no text that can be written as UTF-8") from None
    elif not isinstance(value, (int, float, type(None))):
        raise UserError(f"{name} was given {type(value).__name__}; it is a text or a number")
