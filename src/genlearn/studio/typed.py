"""Numbers as forms and addresses give them: texts, which may be anything."""

from __future__ import annotations

import math
from typing import Any

from ..core.errors import UserError

LARGEST = 2**31 - 1  # a seed, or the number of an example
_DIGITS = 15


def whole_number(
    text: Any, name: str, most: float, default: int | None = None, low: int = 0
) -> int:
    """``text`` as a whole number from ``low`` to ``most``, the ``default`` where it is empty or not
    there. Raises `UserError`, which says what is called ``name``, for anything else."""
    if text in (None, "") and default is not None:
        return default
    plain = text.strip() if isinstance(text, str) else ""
    good = plain.isascii() and plain.isdecimal() and len(plain) <= _DIGITS
    if not good or not low <= int(plain) <= most:
        to = f" to {most:,.0f}" if most < math.inf else ""
        raise UserError(f"{name}={str(text)[:40]!r} was given; it is a whole number from {low}{to}")
    return int(plain)


def real_number(text: Any, name: str, low: float, high: float) -> float:
    """``text`` as a number from ``low`` to ``high``. Raises `UserError` for anything else."""
    try:
        number = float(text)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise UserError(
            f"{name}={str(text)[:40]!r} was given; it is a number from {low:g} to {high:g}"
        )
    return number
