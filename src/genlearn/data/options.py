"""What a person may ask for when opening data; one object, so that every source gets the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import numpy as np

from ..core.errors import UserError, nearest
from ..core.spec import Binarise

Tell = Callable[[str], None]
Progress = Callable[[int, int], None]


def silent(line: str) -> None:
    """A `Tell` that says nothing."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """``size`` is (height, width) of the images, or None for the most common one; ``label`` names the column of classes.

    ``lenient``: missing values are kept for a report instead of being an error.
    """

    size: tuple[int, int] | None = None
    label: str | None = None
    binarise: Binarise = "none"
    tell: Tell = silent
    progress: Progress | None = None
    lenient: bool = False


def make_options(
    resolution: int | tuple[int, int] | None, label: str | None, binarise: Binarise, tell: Tell, progress: Progress | None, *, lenient: bool = False
) -> Options:
    """Options from what was asked. Raises `UserError` where that makes no sense."""
    if binarise not in get_args(Binarise):
        raise UserError(f"binarise={binarise!r} was given; {nearest(str(binarise), get_args(Binarise))}")
    return Options(size=_as_size(resolution), label=label, binarise=binarise, tell=tell, progress=progress, lenient=lenient)


def _as_size(resolution: int | tuple[int, int] | None) -> tuple[int, int] | None:
    if resolution is None:
        return None
    sides = resolution if isinstance(resolution, (tuple, list)) else (resolution, resolution)
    whole = all(isinstance(side, (int, np.integer)) and not isinstance(side, bool) for side in sides)
    if not whole or len(sides) != 2 or min(sides) < 1:
        raise UserError(f"resolution={resolution!r} was given; it is one positive integer or two (height, width)")
    return int(sides[0]), int(sides[1])
