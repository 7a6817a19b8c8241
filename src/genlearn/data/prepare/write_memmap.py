"""The second pass over image files: decode, write rows, then keep what is needed of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ...core.disk.arrays import read_array
from ...core.disk.room import reserve
from ..dataset import Array, blocks
from .image_decode import DecodeTarget, PixelKind, decode_image
from .open_image import Payload, Unreadable


@dataclass(frozen=True)
class MemmapWriter:
    """A file of ``count`` decoded images in NumPy's format; workers fill it, each its own
    stretch."""

    path: Path
    target: DecodeTarget
    count: int

    def create(self) -> int:
        """Make the file, with all the room that it takes; returns the position of the first row in
        it. Raises `UserError` where the disk has too little."""
        shape, dtype = (self.count, *self.target.shape), np.dtype(self.target.dtype)
        header = {"descr": dtype.str, "fortran_order": False, "shape": shape}
        with self.path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            offset = file.tell()
            file.flush()
            size = offset + math.prod(shape) * dtype.itemsize
            what, remedy = f"{self.count:,} prepared images", "free some, or set GENLEARN_CACHE"
            reserve(file.fileno(), size, self.path.parent, what, remedy)
        return offset


@dataclass
class DecodeStatistics:
    """What decoding showed. ``opaque``: how many images show nothing through; ``grey``: no image
    has colour."""

    done: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    grey: bool = True
    opaque: int = 0

    def add(self, other: DecodeStatistics) -> None:
        self.done += other.done
        self.bad += other.bad
        self.grey &= other.grey
        self.opaque += other.opaque

    def kind(self, decoded: PixelKind) -> PixelKind:
        """The kind of pixels that the set needs, given the kind it was decoded to."""
        if decoded.channels == 4 and not self.opaque:
            return decoded
        return replace(decoded, channels=1 if self.grey else min(decoded.channels, 3))


def write_chunk(
    rows: MemmapWriter, offset: int, chunk: tuple[int, list[Payload]]
) -> DecodeStatistics:
    """Decode a chunk into its place in the file. Files that cannot be decoded are left black and
    reported."""
    start, payloads = chunk
    block = np.zeros((len(payloads), *rows.target.shape), rows.target.dtype)
    bad = list(_decode(block, payloads, rows.target, start))
    with rows.path.open("r+b") as file:
        file.seek(offset + start * block[:1].nbytes)
        file.write(block.data)
    good = np.delete(block, [i - start for i, _ in bad], axis=0) if bad else block
    return DecodeStatistics(len(payloads), bad, _is_grey(good), _count_opaque(good))


def keep(
    rows: MemmapWriter, findings: DecodeStatistics, path: Path, kind: PixelKind | None = None
) -> None:
    """Move the rows to ``path``, without those that are bad and the channels that ``kind`` has not,
    by default those that are not needed."""
    kind = kind or findings.kind(rows.target.kind)
    if not findings.bad and kind == rows.target.kind:
        rows.path.rename(path)
        return
    good = np.ones(rows.count, bool)
    good[[i for i, _ in findings.bad]] = False
    _copy(rows, good, MemmapWriter(path, DecodeTarget(kind, rows.target.size), int(good.sum())))
    rows.path.unlink()


def _decode(
    block: Array, payloads: list[Payload], target: DecodeTarget, start: int
) -> Iterable[tuple[int, str]]:
    for i, payload in enumerate(payloads):
        try:
            block[i] = decode_image(payload, target)
        except Unreadable as error:
            yield start + i, str(error)


def _is_grey(block: Array) -> bool:
    return block.ndim == 3 or bool(
        (block[..., 0] == block[..., 1]).all() and (block[..., 1] == block[..., 2]).all()
    )


def _count_opaque(block: Array) -> int:
    if block.shape[3:] != (4,):
        return 0
    return int((block[..., 3].min(axis=(1, 2)) == np.iinfo(block.dtype).max).sum())


def _copy(rows: MemmapWriter, good: Array, kept: MemmapWriter) -> None:
    offset, start = kept.create(), 0
    with kept.path.open("r+b") as file:
        file.seek(offset)
        for block in blocks(read_array(rows.path, "r")):
            chosen = block[good[start : start + len(block)]]
            file.write(narrowed(chosen, kept.target.shape).tobytes())
            start += len(block)


def narrowed(block: Array, shape: tuple[int, ...]) -> Array:
    """Images (n, H, W, C) without channels that ``shape``, of one, has not."""
    if block.shape[1:] == shape:
        return block
    block = _on_white(block) if block.shape[3] == 4 else block
    return block if len(shape) == 3 else block[..., 0]


def _on_white(block: Array) -> Array:
    top = int(np.iinfo(block.dtype).max)
    alpha = block[..., 3:].astype(np.uint64)
    mixed: Array = (block[..., :3] * alpha + top * (top - alpha) + top // 2) // top
    return mixed.astype(block.dtype)
