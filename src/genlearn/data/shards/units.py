"""What data is taken apart into, so that no machine needs to see all of it.

Several archives, or several parquet tables of images, are a *unit* each: it is opened by itself, as
if there were no other. All else is one unit. Where there are more machines than units, each unit is
cut into equal stretches of examples. The *pieces* that this gives are dealt out in order: what a
machine takes is a stretch of the whole, and the whole is the same for any number of machines.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ...core.errors import UserError
from ..open.dispatch import find
from ..open.file_tree import scan
from ..open.noted import Noted
from ..prepare.cache import key_of
from ..remote.addresses import is_address
from ..sources.archives import Archives
from ..sources.base import Source, choose
from ..sources.table_files import TableFiles

_END = 1 << 16  # bytes of a file that tell it from others


@dataclass(frozen=True)
class Unit:
    """A part of the data that is opened by itself. ``name``: within the data. ``mark``: what
    changes with its content. ``fetched()`` gives, for as long as it is entered, what can be opened;
    ``split``: what of it is read."""

    name: str
    mark: str
    fetched: Callable[[], AbstractContextManager[Any]] = field(repr=False)
    split: str | None = None


@dataclass(frozen=True)
class Units:
    """All ``units`` of the data at ``place``, and lines on what lies beside them."""

    place: str
    units: tuple[Unit, ...] = field(repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """Stretch ``part`` of ``parts`` of unit number ``unit``."""

    unit: int
    part: int
    parts: int

    @property
    def folder(self) -> str:
        """What it is called."""
        return f"piece-{self.unit:06d}-{self.part + 1}-of-{self.parts}"

    def stretch(self, count: int) -> slice:
        """Which of ``count`` examples of its unit are its own."""
        return slice(self.part * count // self.parts, (self.part + 1) * count // self.parts)


def deal(units: int, shard: int, shards: int) -> list[Piece]:
    """The pieces of ``shard``, one of 0 to ``shards`` - 1, out of so many units."""
    parts = -(-shards // units) if units < shards else 1
    first, last = (end * units * parts // shards for end in (shard, shard + 1))
    return [Piece(i // parts, i % parts, parts) for i in range(first, last)]


def take_apart(source: str, split: str | None) -> Units:
    """The units of what ``source`` names. Raises `UserError` where there is nothing to read."""
    if is_address(source):
        from ..remote.source import remote_units

        return remote_units(source, split)
    found, notes = _bare(find(source))
    if isinstance(found, Archives) or (isinstance(found, TableFiles) and _images(found)):
        outside = [name for name in found.files if name]
        chosen = choose(split, outside) if outside else None
        groups = found.files.values() if chosen is None else [found.files[chosen]]
        paths = [path for group in groups for path in group]
        if len(paths) > 1:
            rest = None if outside else split
            return Units(source, _units_of_files(Path(source), paths, rest), notes)
    path = Path(source).expanduser()
    mark = _mark(path) if path.exists() else ""
    return Units(source, (Unit("", mark, partial(nullcontext, source), split),))


def _bare(found: Source) -> tuple[Source, tuple[str, ...]]:
    if not isinstance(found, Noted):
        return found, ()
    inner, notes = _bare(found.source)
    return inner, (*notes, *found.notes)


def _images(found: TableFiles) -> bool:
    """Whether these tables hold images, by the first of them; tables in text are read together."""
    first = next(iter(found.files.values()))[0]
    return found.suffix == ".parquet" and has_images(first)


def has_images(table: Path) -> bool:
    """Whether a column of a parquet ``table`` holds images."""
    from pyarrow import dataset as arrow

    from ..open.decoding import decoding
    from ..sources.image_table import image_column

    with decoding(table, "parquet"):
        return image_column(arrow.dataset(str(table), format="parquet")) is not None


def _units_of_files(place: Path, paths: list[Path], split: str | None) -> tuple[Unit, ...]:
    folder = place.expanduser()
    if not folder.is_dir():  # named by braces
        folder = Path(os.path.commonpath([path.parent for path in paths]))
    return tuple(
        Unit(
            path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name,
            _mark(path),
            partial(nullcontext, path),
            split,
        )
        for path in paths
    )


def _mark(path: Path) -> str:
    """Of a folder names and sizes, of a file its size and its ends: what stays when data is copied
    to another machine, which times do not."""
    if path.is_dir():
        return key_of((name, size) for name, size, _ in scan(path).files)
    if not path.is_file():
        raise UserError(f"{path} is neither a file nor a folder; give one that holds data")
    size = path.stat().st_size
    with path.open("rb") as file:
        begin = file.read(_END)
        file.seek(max(0, size - _END))
        return key_of((size, begin, file.read(_END)))
