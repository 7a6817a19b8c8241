"""What a person may ask for when opening data; one object, so that every source gets the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, get_args

import numpy as np

from ...core.errors import UserError, nearest
from ...core.spec import Binarise, DataSpec, ImageSpec, TableSpec

if TYPE_CHECKING:
    from ..dataset import Dataset
    from ..prepare.image_source import ImageBatchSource

LARGEST_SIDE = 2**16  # pixels of an image
Tell = Callable[[str], None]
Progress = Callable[[int, int], None]
WRITTEN = ("header", "delimiter", "decimal", "key", "kinds")  # `Options` on how data is written


class Store(Protocol):
    """Where images go that were found."""

    def __call__(self, pictures: ImageBatchSource, options: Options) -> Dataset:
        """The images in their place."""


def silent(line: str) -> None:
    """A `Tell` that says nothing."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """``resolution`` is the (height, width) of images that was asked for, ``fallback`` that of the
    model they are for; ``label`` names the column of classes.

    ``header``, ``delimiter`` and ``decimal`` say how a table is written in text: whether its first
    row holds names, what separates cells, the decimal mark; None to decide by the file. ``key``
    names the array of examples in a file of several. ``kinds``: what columns hold, by name, where
    that is not to be decided by their values. ``table``: the columns of the model that a table is
    for. ``lenient``: missing values are kept for a report instead of being an error. ``store``:
    what takes images instead of the cache, where they are prepared into a place of their own.
    """

    resolution: tuple[int, int] | None = None
    fallback: tuple[int, int] | None = None
    label: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    decimal: str | None = None
    key: str | None = None
    kinds: dict[str, str] | None = None
    table: TableSpec | None = None
    binarise: Binarise = "none"
    tell: Tell = silent
    progress: Progress | None = None
    lenient: bool = False
    store: Store | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """(height, width) that images are brought to, or None for the most common one."""
        return self.resolution or self.fallback

    @property
    def written(self) -> dict[str, Any]:
        """What was asked for of how the data is written, by name."""
        asked = {name: getattr(self, name) for name in WRITTEN}
        return {name: value for name, value in asked.items() if value is not None}


def make_options(
    resolution: int | tuple[int, int] | None,
    label: str | None,
    binarise: Binarise,
    tell: Tell,
    progress: Progress | None,
    *,
    lenient: bool = False,
    like: DataSpec | None = None,
    **written: Any,
) -> Options:
    """Options from what was asked. Raises `UserError` where that makes no sense."""
    if binarise not in get_args(Binarise):
        raise UserError(
            f"binarise={binarise!r} was given; {nearest(str(binarise), get_args(Binarise))}"
        )
    fallback = (like.shape[1], like.shape[2]) if isinstance(like, ImageSpec) else None
    return Options(
        resolution=_as_size(resolution),
        label=label,
        binarise=binarise,
        tell=tell,
        progress=progress,
        lenient=lenient,
        fallback=fallback,
        table=like if isinstance(like, TableSpec) else None,
        **written,
    )


def _as_size(resolution: int | tuple[int, int] | None) -> tuple[int, int] | None:
    if resolution is None:
        return None
    sides = resolution if isinstance(resolution, (tuple, list)) else (resolution, resolution)
    whole = all(
        isinstance(side, (int, np.integer)) and not isinstance(side, bool) for side in sides
    )
    if not whole or len(sides) != 2 or not all(1 <= side <= LARGEST_SIDE for side in sides):
        raise UserError(
            f"resolution={resolution!r} was given; it is an integer from 1 to {LARGEST_SIDE:,}, or"
            " two (height, width)"
        )
    return int(sides[0]), int(sides[1])
