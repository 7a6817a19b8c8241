"""Files that lie in folders, whether on disk or in an archive."""

from __future__ import annotations

import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import final

from ...core.errors import UserError

_KINDS = (
    "png jpg jpeg jpe jfif bmp dib gif webp tif tiff ppm pgm pbm pnm jp2 j2k avif tga ico pcx"
    " qoi dds"
)
SUFFIXES = frozenset(f".{kind}" for kind in _KINDS.split(" "))


@dataclass(frozen=True)
class FileTree(ABC):
    """``files``: (name, size, time of change) of each, the name relative to the root, its parts
    joined by ``/``."""

    place: Path
    files: list[tuple[str, int, int]] = field(repr=False)

    @abstractmethod
    def payloads(self, names: list[str]) -> Iterator[Path | bytes]:
        """Where the content is, or the content itself, of these files in this order."""

    @abstractmethod
    def text(self, name: str) -> str:
        """The content of a small file."""

    @cached_property
    def images(self) -> list[str]:
        """Names of the files that by their suffix hold images."""
        return [name for name, _, _ in self.files if suffix(name) in SUFFIXES]


@final
class FolderTree(FileTree):
    """A folder on disk."""

    def payloads(self, names: list[str]) -> Iterator[Path | bytes]:
        return (self.place / name for name in names)

    def text(self, name: str) -> str:
        return decode_text((self.place / name).read_bytes(), f"{self.place / name}")


def scan(place: Path) -> FolderTree:
    """All files below ``place`` in alphabetical order, but for hidden ones. Links are followed,
    once. Raises `UserError`."""
    try:
        return FolderTree(place, sorted(_walk(str(place), "", set())))
    except PermissionError as error:
        raise UserError(
            f"{error.filename} cannot be read: permission denied; change its permissions, or give"
            " another folder"
        ) from None


def suffix(name: str) -> str:
    """The last dot of ``name`` and what follows, in lower case; much faster than pathlib's, and
    called for every file."""
    return os.path.splitext(name)[1].lower()


def hidden(part: str) -> bool:
    """Whether a file or folder of this name is the system's own rather than the user's."""
    return part.startswith(".") or part == "__MACOSX"


def decode_text(content: bytes, shown: str) -> str:
    """Text from UTF-8, with or without a byte order mark. Raises `UserError`."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{shown} is not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8"
        ) from None


def _walk(folder: str, prefix: str, seen: set[tuple[int, int]]) -> Iterator[tuple[str, int, int]]:
    facts = os.stat(folder)
    if (facts.st_dev, facts.st_ino) in seen:
        return
    seen.add((facts.st_dev, facts.st_ino))
    with os.scandir(folder) as entries:
        for item in entries:
            if hidden(item.name):
                continue
            if _is_folder(item):
                yield from _walk(item.path, f"{prefix}{item.name}/", seen)
            else:
                yield from _file(item, prefix)


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:  # a link to itself
        return False


def _file(item: os.DirEntry[str], prefix: str) -> Iterator[tuple[str, int, int]]:
    try:
        facts = item.stat()
    except OSError:  # a link to nowhere; decoding reports it by name
        facts = item.stat(follow_symlinks=False)
    if stat.S_ISREG(facts.st_mode) or stat.S_ISLNK(facts.st_mode):  # reading a pipe would never end
        yield f"{prefix}{item.name}", facts.st_size, facts.st_mtime_ns
