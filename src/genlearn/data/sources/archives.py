"""Archives of images: zip files, and tar files as webdataset writes them, one or several shards.
Nothing is unpacked to disk."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from ...core.errors import UserError
from ..dataset import Dataset
from ..open.file_tree import SUFFIXES, FileTree, decode_text, hidden, suffix
from ..open.options import Options
from .base import Source, brief
from .image_folder import ImageFolderSource, images_in

_UNREADABLE = b"\0"


@dataclass(frozen=True)
class Archives(Source):
    """Archives by split, '' where their names tell none."""

    files: dict[str, list[Path]]

    def splits(self) -> list[str]:
        outside = [split for split in self.files if split]
        return outside or self._inside(self.files[""]).splits()

    def read(self, split: str | None, options: Options) -> Dataset:
        if split in self.files:
            return self._inside(self.files[split]).read(None, options)
        return self._inside([path for group in self.files.values() for path in group]).read(
            split, options
        )

    def _inside(self, paths: list[Path]) -> ImageFolderSource:
        try:
            return images_in(
                scan_zip(paths[0]) if zipfile.is_zipfile(paths[0]) else scan_tar(paths)
            )
        except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise UserError(
                f"{paths[0]} cannot be unpacked ({brief(error)}); fetch or pack it again"
            ) from None


@final
class Zip(FileTree):
    """A zip file."""

    def payloads(self, names: list[str]) -> Iterator[bytes]:
        with zipfile.ZipFile(self.place) as archive:
            for name in names:
                try:
                    yield archive.read(name)
                except zipfile.BadZipFile:
                    yield _UNREADABLE

    def text(self, name: str) -> str:
        with zipfile.ZipFile(self.place) as archive:
            return decode_text(archive.read(name), f"{self.place}/{name}")


@final
@dataclass(frozen=True)
class Tar(FileTree):
    """Tar files, read from front to back. ``texts``: the small files beside the images."""

    shards: list[Path] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict, repr=False)

    def payloads(self, names: list[str]) -> Iterator[bytes]:
        wanted = set(names)
        for shard in self.shards:
            with tarfile.open(shard) as archive:
                for member in _members(archive):
                    if member.name in wanted:
                        wanted.remove(member.name)
                        yield _content(archive, member)

    def text(self, name: str) -> str:
        return decode_text(self.texts[name], f"{self.place}/{name}")


def scan_zip(path: Path) -> Zip:
    """The files in a zip archive. Raises `UserError` where they are locked by a password."""
    changed = path.stat().st_mtime_ns
    with zipfile.ZipFile(path) as archive:
        members = [
            info
            for info in archive.infolist()
            if not info.is_dir() and not any(map(hidden, info.filename.split("/")))
        ]
    if any(info.flag_bits & 1 for info in members):
        raise UserError(f"{path} is locked by a password; unpack it and give the folder")
    return Zip(path, sorted((info.filename, info.file_size, changed) for info in members))


def scan_tar(paths: list[Path]) -> Tar:
    """The files in tar archives, in the order they lie there; of equal names the first counts."""
    files: dict[str, tuple[str, int, int]] = {}
    texts: dict[str, bytes] = {}
    for path in paths:
        changed = path.stat().st_mtime_ns
        with tarfile.open(path) as archive:
            for member in _members(archive):
                files.setdefault(member.name, (member.name, member.size, changed))
                if suffix(member.name) not in SUFFIXES:
                    texts.setdefault(member.name, _content(archive, member))
    return Tar(
        paths[0] if len(paths) == 1 else paths[0].parent, list(files.values()), list(paths), texts
    )


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    return (
        member
        for member in archive
        if member.isfile() and not any(map(hidden, member.name.removeprefix("./").split("/")))
    )


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""
