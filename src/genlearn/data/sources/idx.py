"""IDX, the format MNIST came in: two zero bytes, a type, the number of axes, their lengths
(big-endian), then the values.

Reference: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", the section on file formats. Images
and labels are files of their own, told apart by ``images`` and ``labels`` in their names; ``t10k``
is the test set. Compressed files are unpacked once, into the cache.
"""

from __future__ import annotations

import gzip
import math
import re
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import UserError
from ..dataset import Array, Dataset
from ..folders.names import size_of
from ..open.labels import classes_beside
from ..open.options import Options
from ..prepare.cache import entry, key_of, stamp
from .arrays import from_array
from .base import Source, is_split, meaning

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_LONGEST_HEAD = 4 + 4 * 255
_PIECE = 1 << 20  # bytes
_NAME = re.compile(r"(\.idx|[.-]ubyte)(\.gz)?$|idx\d.*\.gz$", re.IGNORECASE)


def is_idx(path: Path) -> bool:
    """Whether ``path`` is named as IDX files are."""
    return _NAME.search(path.name) is not None


@dataclass(frozen=True)
class IdxFiles(Source):
    """Files of examples, by split, with the files of labels beside them. A single file has no
    splits, its name is ''."""

    files: dict[str, Path]

    def splits(self) -> list[str]:
        return [name for name in self.files if name]

    def read(self, split: str | None, options: Options) -> Dataset:
        path = self.files[split] if split else next(iter(self.files.values()))
        labels = _labels_beside(path)
        return from_array(
            read_idx(path, options.tell),
            None if labels is None else read_idx(labels, options.tell),
            options,
            names=classes_beside(path.parent),
        )


def find_idx(path: Path) -> IdxFiles | None:
    """The IDX files at ``path``, a file or a folder, or None where there are none."""
    if path.is_file():
        return IdxFiles({"": path}) if is_idx(path) else None
    images = sorted(
        file
        for file in path.iterdir()
        if is_idx(file) and "labels" not in file.name.lower() and file.is_file()
    )
    named = {_split_of(file): file for file in images}
    return (
        IdxFiles(dict(sorted(named.items(), key=lambda item: item[0] != "train")))
        if named
        else None
    )


def read_idx(path: Path, tell: Callable[[str], None] = lambda line: None) -> Array:
    """The array in an IDX file, as a read-only memory map. Raises `UserError` where the file is not
    one."""
    if path.suffix.lower() == ".gz":
        folder, _ = entry(
            key_of(stamp(path)),
            partial(_unpack, path),
            lambda place: (place / "values.idx").is_file(),
            tell,
        )
        return _map(folder / "values.idx", path)
    return _map(path, path)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with gzip.open(path) as packed, (folder / "values.idx").open("wb") as plain:
            head = packed.read(_LONGEST_HEAD)
            needed = _announced(head, path)[3]
            if needed > shutil.disk_usage(folder).free:
                raise UserError(
                    f"{path} asks for {size_of(needed)}, more than is free in"
                    f" {folder.parent.parent}; unpack it elsewhere"
                )
            plain.write(head)
            for _ in range(needed // _PIECE + 1):  # and no more than its head announces
                plain.write(packed.read(_PIECE))
    except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UserError(f"{path} is damaged ({error}); fetch it again") from None


def _announced(head: bytes, shown: Path) -> tuple[np.dtype[Any], int, tuple[int, ...], int]:
    """The type, where the values begin, their shape, and the bytes that all of it takes."""
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _TYPES:
        raise UserError(
            f"{shown} is not an IDX file: it does not begin with two zero bytes and a type;"
            " fetch it again"
        )
    kind, offset = np.dtype(_TYPES[head[2]]), 4 + 4 * head[3]
    sides = head[4 : 4 + (len(head) - 4) // 4 * 4][: 4 * head[3]]
    shape = tuple(np.frombuffer(sides, ">u4").tolist())
    return kind, offset, shape, offset + math.prod(shape) * kind.itemsize


def _map(path: Path, shown: Path) -> Array:
    with path.open("rb") as file:
        head = file.read(_LONGEST_HEAD)
    kind, offset, shape, needed = _announced(head, shown)
    there = path.stat().st_size
    if there != needed or len(shape) != head[3] or 0 in shape:
        raise UserError(
            f"{shown} is damaged: {there} bytes where an array of shape {shape} takes {needed};"
            " fetch it again"
        )
    values: Array = np.memmap(path, kind, "r", offset, shape)
    return values if kind.itemsize == 1 else values.astype(kind.newbyteorder("="))


def _split_of(file: Path) -> str:
    prefix = re.split(r"[-_.]?(images|idx)", file.name.lower())[0]
    return meaning(prefix) if is_split(prefix) else prefix or file.name


def _labels_beside(path: Path) -> Path | None:
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    plain = name.removesuffix(".gz")
    beside = (path.with_name(other) for other in (name, plain, plain + ".gz"))
    return next((file for file in beside if file != path and file.is_file()), None)
