"""A zip file as a tree. Nothing is unpacked to disk, of what a member announces no more is unpacked
than an image can have, and of an archive that announces far more than it can hold, nothing."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from ...core.errors import UserError
from ..open.file_tree import SUFFIXES, TEXT_BYTES, File, FileTree, suffix
from ..prepare.open_image import Payload, Unreadable
from .ceiling import Ceiling
from .names import hidden_part, member_name, size_of, some

IMAGE_BYTES = 256 << 20  # of one encoded image: PIL's limit of pixels, in three bytes each
_LOCKED = 1  # bit of a member's flags


@final
@dataclass(frozen=True)
class ZipTree(FileTree):
    """``members``: by their names here, which may differ from those in the file."""

    members: dict[str, zipfile.ZipInfo] = field(default_factory=dict, repr=False)

    def payloads(self, names: list[str]) -> Iterator[Payload]:
        with zipfile.ZipFile(self.place) as archive:
            for name in names:
                yield _payload(archive, self.members[name], IMAGE_BYTES)

    def content(self, name: str) -> bytes:
        with zipfile.ZipFile(self.place) as archive:
            found = _payload(archive, self.members[name], TEXT_BYTES)
        if isinstance(found, Unreadable):
            raise UserError(f"{self.place}/{name} cannot be read: {found}; pack it again")
        return found


def scan_zip(path: Path) -> ZipTree:
    """The files in a zip archive. Raises `UserError` where all are locked by a password, and where
    they announce too much."""
    members: dict[str, zipfile.ZipInfo] = {}
    left_out: dict[str, list[str]] = {"hidden": [], "link": [], "twice": []}
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    if sum(info.compress_size for info in infos) > path.stat().st_size:
        raise UserError(
            f"{path} announces members that lie over one another, as files made to fill a disk do;"
            " pack it again"
        )
    ceiling = Ceiling(path)
    for info in infos:
        name = member_name(info.filename)
        if info.filename.endswith(("/", "\\")):
            continue
        if part := hidden_part(name):
            left_out["hidden"].append(part)
        elif stat.S_ISLNK(info.external_attr >> 16):
            left_out["link"].append(name)
        else:
            if name in members:
                left_out["twice"].append(name)
            members[name] = info
            ceiling.add(info.file_size if info.file_size <= IMAGE_BYTES else 0)
    locked = [name for name, info in members.items() if info.flag_bits & _LOCKED]
    if locked and not any(suffix(name) in SUFFIXES for name in members.keys() - set(locked)):
        raise UserError(f"{path} is locked by a password; unpack it and give the folder")
    changed = path.stat().st_mtime_ns
    files: list[File] = sorted((name, info.file_size, changed) for name, info in members.items())
    folders = tuple(sorted(member_name(i.filename) + "/" for i in infos if i.is_dir()))
    return ZipTree(path, files, archive_notes(path, left_out), folders, members)


def archive_notes(path: Path, left_out: dict[str, list[str]]) -> tuple[str, ...]:
    """Lines on the members of an archive that are not read, by the reason."""
    said = {
        "hidden": "hidden or the system's own, not read",
        "link": f"links and devices in {path.name}, not followed",
        "twice": f"names that {path.name} holds twice, of which the last counts",
    }
    return tuple(
        f"{said[reason]}: {some(dict.fromkeys(names))}"
        for reason, names in left_out.items()
        if names
    )


def too_large(size: int) -> Unreadable:
    """Why a member of so many bytes is not unpacked."""
    return Unreadable(f"asks for {size_of(size)}, not unpacked")


def _payload(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes | Unreadable:
    if info.flag_bits & _LOCKED:
        return Unreadable("locked by a password")
    if info.file_size > most:
        return too_large(info.file_size)
    try:
        with archive.open(info) as file:
            return file.read(most)
    except NotImplementedError:  # of zipfile: compressed by a method that it does not know
        return Unreadable("packed in a way that cannot be read")
    # zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, lzma.LZMAError...
    except Exception:
        return Unreadable("damaged in the archive")
