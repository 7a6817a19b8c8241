"""Encoded images in order, with what is known about each: what every source of image files reduces
to before it is prepared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from ..dataset import Array
from .image_decode import Payload

_CHUNK = 256


@dataclass(frozen=True, kw_only=True)
class ImageBatchSource:
    """``payloads()`` yields a path, the bytes or a PIL image for each name, in order, as often as
    it is called.

    ``key``: what the cache entry is named by, or None where the content cannot be named without
    reading all of it. ``place``: for messages.
    """

    place: str
    names: list[str] = field(repr=False)
    payloads: Callable[[], Iterator[Payload]]
    key: str | None
    labels: Array | None = field(default=None, repr=False)
    classes: tuple[str, ...] = ()
    captions: list[str] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    def chunks(self) -> Iterator[tuple[int, list[Payload]]]:
        """Pairs (index of the first, payloads)."""
        rest = self.payloads()
        for start in range(0, len(self.names), _CHUNK):
            yield start, list(islice(rest, _CHUNK))
