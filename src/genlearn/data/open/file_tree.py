"""Files that lie in folders, whether on disk or in an archive."""

from __future__ import annotations

import os
import stat
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import final

from ...core.errors import UserError
from ..folders.names import hidden, size_of, some
from ..prepare.open_image import Payload
from .encoding import decode

_KINDS = (
    "png jpg jpeg jpe jfif bmp dib gif webp tif tiff ppm pgm pbm pnm jp2 j2k avif tga ico pcx"
    " qoi dds"
)
SUFFIXES = frozenset(f".{kind}" for kind in _KINDS.split(" "))
TEXT_BYTES = 512 << 20  # of one text, and of all in an archive

File = tuple[str, int, int]


@dataclass(frozen=True)
class FileTree(ABC):
    """``files``: (name, size, time of change) of each, the name relative to the root, its parts
    joined by ``/``. ``notes``: lines on what lies there and is not among them. ``folders``: names
    of the folders, with a ``/`` at their end, as far as they are known."""

    place: Path
    files: list[File] = field(repr=False)
    notes: tuple[str, ...] = ()
    folders: tuple[str, ...] = field(default=(), repr=False)

    @abstractmethod
    def payloads(self, names: list[str]) -> Iterator[Payload]:
        """Where the content is, or the content itself, of these files in this order, which is that
        of ``files``."""

    @abstractmethod
    def content(self, name: str) -> bytes:
        """The content of a file of at most `TEXT_BYTES`."""

    def text(self, name: str) -> tuple[str, str]:
        """The content of a file, and a line on its encoding where that was guessed, else "".
        Raises `UserError` where it is too large or no text."""
        if self.sizes[name] > TEXT_BYTES:
            raise UserError(
                f"{self.place}/{name} asks for {size_of(self.sizes[name])}; a text may"
                f" have {size_of(TEXT_BYTES)}: move it away, or split the data"
            )
        try:
            return decode(self.content(name))
        except UnicodeError as error:
            raise UserError(
                f"{self.place}/{name} cannot be read as text ({error}); save it as UTF-8"
            ) from None

    def logical(self, name: str) -> str:
        """``name`` as it counts for splits and classes."""
        return name

    @cached_property
    def images(self) -> list[str]:
        """Names of the files that by their suffix hold images."""
        return [name for name, _, _ in self.files if suffix(name) in SUFFIXES]

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Bytes of each file."""
        return {name: size for name, size, _ in self.files}


@final
class FolderTree(FileTree):
    """A folder on disk."""

    def payloads(self, names: list[str]) -> Iterator[Payload]:
        return (self.place / name for name in names)

    def content(self, name: str) -> bytes:
        with (self.place / name).open("rb") as file:
            return file.read(TEXT_BYTES)


def scan(place: Path) -> FolderTree:
    """All regular files below ``place`` in alphabetical order, but for hidden ones. Links are
    followed within ``place``, once. Raises `UserError`."""
    found = _Scan(place)
    try:
        files = sorted(found.walk())
    except PermissionError as error:
        raise UserError(
            f"{error.filename} cannot be read: permission denied; change its permissions, or give"
            " another folder"
        ) from None
    return FolderTree(place, files, found.notes(), tuple(sorted(found.folders)))


def suffix(name: str) -> str:
    """The last dot of ``name`` and what follows, in lower case; much faster than pathlib's, and
    called for every file."""
    return os.path.splitext(name)[1].lower()


class _Scan:
    """A walk through a folder, and what it left out."""

    def __init__(self, place: Path) -> None:
        self.root, self.real = str(place), os.path.realpath(place)
        self.folders: list[str] = []
        self._left_out: dict[str, list[str]] = defaultdict(list)

    def walk(self) -> Iterator[File]:
        waiting, seen = [(self.root, "")], set()
        while waiting:
            folder, prefix = waiting.pop()
            facts = os.stat(folder)
            if (facts.st_dev, facts.st_ino) in seen:
                continue
            seen.add((facts.st_dev, facts.st_ino))
            with os.scandir(folder) as entries:
                for item in entries:
                    name = f"{prefix}{item.name}"
                    if not self._wanted(item, name):
                        continue
                    if _is_folder(item):
                        waiting.append((item.path, f"{name}/"))
                        self.folders.append(f"{name}/")
                    else:
                        yield from self._file(item, name)

    def notes(self) -> tuple[str, ...]:
        """One line for each reason to leave something out."""
        return tuple(
            f"{reason}: {some(sorted(names))}" for reason, names in sorted(self._left_out.items())
        )

    def _wanted(self, item: os.DirEntry[str], name: str) -> bool:
        if hidden(item.name):
            if _is_folder(item) or (
                suffix(name) in SUFFIXES and not item.name.startswith("._")
            ):  # ._a.png is what macOS notes on a.png
                self._left_out["hidden or the system's own, not read"].append(name)
            return False
        if item.is_symlink() and not self._inside(item.path):
            self._left_out["links out of the folder, not followed"].append(name)
            return False
        return True

    def _inside(self, path: str) -> bool:
        return os.path.commonpath([self.real, os.path.realpath(path)]) == self.real

    def _file(self, item: os.DirEntry[str], name: str) -> Iterator[File]:
        try:
            facts = item.stat()
        except OSError:  # a link to nowhere; decoding reports it by name
            facts = item.stat(follow_symlinks=False)
        if stat.S_ISREG(facts.st_mode) or stat.S_ISLNK(facts.st_mode):
            yield name, facts.st_size, facts.st_mtime_ns
        else:
            self._left_out["pipes, sockets and devices, not read"].append(name)


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:  # a link to itself
        return False
