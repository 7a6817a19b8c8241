"""Prepared data: values in the user's units, and the view of them that training sees.

``values`` may be a memory map larger than memory, so nothing here touches more rows than were asked
for.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..core.disk.room import reserve
from ..core.spec import DataSpec

Array = NDArray[Any]

_BLOCK_BYTES = 8 << 20
_TEXTS = 4096  # that are in memory at a time
_IN_MEMORY_BYTES = 1 << 30


@dataclass(frozen=True)
class Provenance:
    """What a set of image files looked like before it was prepared. ``bad``: (index, name, reason)
    of each file left out."""

    sizes: dict[str, int]
    modes: dict[str, int]
    bad: list[tuple[int, str, str]]


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """Examples ``values`` (N, H, W), (N, H, W, C) or (N, D), with what is known about them.

    ``notes`` has one line for each thing that was fixed or left out. ``digest`` names the content
    of ``values`` where it is known already. ``asked`` are the options that it was opened with.
    ``part_of`` is the fingerprint of the data that these are a random part of.
    """

    values: Array = field(repr=False)
    spec: DataSpec
    labels: Array | None = field(default=None, repr=False)
    captions: Sequence[str] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    names: Sequence[str] | None = field(default=None, repr=False)
    digest: str | None = field(default=None, repr=False)
    origin: Provenance | None = field(default=None, repr=False)
    asked: dict[str, Any] = field(default_factory=dict, repr=False)
    part_of: str = field(default="", repr=False)

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def fingerprint(self) -> str:
        """Hexadecimal name of values, labels and captions: equal for equal content."""
        name = hashlib.blake2b((self.digest or digest(self.values)).encode(), digest_size=16)
        name.update(b"" if self.labels is None else self.labels.tobytes())
        for text in _joined(self.captions or ()):
            name.update(text.encode(errors="surrogateescape"))
        return name.hexdigest()

    def user(self, index: slice | Array) -> Array:
        """Examples in the user's units, shape (n, *user shape); never a view of a memory map."""
        rows = self.values[index]
        return np.array(rows) if isinstance(rows, np.memmap) or not rows.flags.writeable else rows

    def batch(self, index: Array) -> tuple[Tensor, Tensor | None]:
        """Examples as the networks see them, float32 (n, *spec.shape), and their labels, int64
        (n,), if there are any."""
        x = self.spec.draw_internal(self.user(index))
        return x, None if self.labels is None else torch.from_numpy(self.labels[index])

    def joined(self, other: Dataset) -> Dataset:
        """The examples of both, without captions and names of files."""
        labels = None if self.labels is None else np.concatenate([self.labels, other.labels])
        values = np.concatenate([self.values, other.values])
        return replace(self, values=values, labels=labels, captions=None, names=None, digest=None)

    def take(self, index: slice | Array) -> Dataset:
        """The examples at ``index``, as a dataset with the same spec."""
        order = np.arange(len(self))[index]
        labels = None if self.labels is None else self.labels[order]
        captions = None if self.captions is None else [self.captions[i] for i in order]
        names = None if self.names is None else [self.names[i] for i in order]
        return replace(
            self,
            values=_gather(self.values, order),
            labels=labels,
            captions=captions,
            names=names,
            digest=None,
            origin=None,
        )


def blocks(values: Array) -> Iterator[Array]:
    """``values`` in pieces of a few megabytes, so that a pass over a memory map needs little
    memory."""
    step = max(1, _BLOCK_BYTES // max(1, values[:1].nbytes))
    for start in range(0, len(values), step):
        yield values[start : start + step]
        _release(values)


def digest(values: Array) -> str:
    """Hexadecimal name of an array's type, shape and content."""
    name = hashlib.blake2b(f"{values.dtype.str} {values.shape}".encode(), digest_size=16)
    for block in blocks(values):
        name.update(np.ascontiguousarray(block).data)
    return name.hexdigest()


def _joined(texts: Sequence[str]) -> Iterator[str]:
    """``texts`` with a null character between each two, in pieces."""
    for start in range(0, len(texts), _TEXTS):
        yield ("\0" if start else "") + "\0".join(texts[start : start + _TEXTS])


def scratch(shape: tuple[int, ...], dtype: Any) -> Array:
    """A writable array that is a nameless temporary file where it is large; the system frees it
    with its last reference. Raises `UserError` where the disk has no room for it."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size <= _IN_MEMORY_BYTES:
        return np.empty(shape, dtype)
    what, remedy = "a copy of the data", "free some, or set TMPDIR to a folder with more"
    with tempfile.TemporaryFile() as file:
        reserve(file.fileno(), size, Path(tempfile.gettempdir()), what, remedy)
        return np.memmap(file, dtype, "r+", shape=shape)


def _release(values: Array) -> None:
    """Let the system forget the pages of a read-only map, which would count as this process's
    memory."""
    if (
        isinstance(values, np.memmap)
        and values.mode == "r"
        and isinstance(values.base, mmap.mmap)
        and sys.platform == "linux"
    ):
        values.base.madvise(mmap.MADV_DONTNEED)


def _gather(values: Array, order: Array) -> Array:
    """``values[order]``: a view where ``order`` has even steps, else a copy."""
    step = int(order[1] - order[0]) if len(order) > 1 else 1
    if len(order) and step > 0 and (np.diff(order) == step).all():
        return values[int(order[0]) : int(order[-1]) + 1 : step]
    rows = scratch((len(order), *values.shape[1:]), values.dtype)
    for start in range(0, len(order), 1024):
        rows[start : start + 1024] = values[order[start : start + 1024]]
    return rows
