"""Encoded images in order, with what is known about each: what every source of image files reduces
to before it is prepared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from ..dataset import Array
from .open_image import Payload

_CHUNK = 256
_CHUNK_BYTES = 32 << 20  # so that what waits to be decoded is never much, whatever an archive holds


@dataclass(frozen=True, kw_only=True)
class ImageBatchSource:
    """``payloads()`` yields a path, the bytes, a PIL image or why there is none for each name, in
    order, as often as it is called.

    ``key``: what the cache entry is named by, or None where the content cannot be named without
    reading all of it. ``place``: for messages. ``folders``: gives the folder of each image where
    nothing but folders may tell its class. ``splits``: the parts of the whole that these are one
    of, where it has any.
    """

    place: str
    names: list[str] = field(repr=False)
    payloads: Callable[[], Iterator[Payload]]
    key: str | None
    labels: Array | None = field(default=None, repr=False)
    classes: tuple[str, ...] = ()
    captions: list[str] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    folders: Callable[[], list[str]] | None = field(default=None, repr=False)
    splits: tuple[str, ...] = ()

    def chunks(self) -> Iterator[tuple[int, list[Payload]]]:
        """Pairs (index of the first, payloads)."""
        start, size = 0, 0
        part: list[Payload] = []
        for payload in islice(self.payloads(), len(self.names)):
            part.append(payload)
            size += len(payload) if isinstance(payload, bytes) else 0
            if len(part) == _CHUNK or size >= _CHUNK_BYTES:
                yield start, part
                start, size, part = start + len(part), 0, []
        if part:
            yield start, part
