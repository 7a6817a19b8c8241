"""Sets that come from a browser: received beside their place, and moved there once they are whole.

What is cut short, in whatever way, leaves nothing: the folder that is received into is removed, and
where the studio was killed the next upload removes it, which is told from one that is still written
by a lock.
"""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec

from ...core.disk.atomic import wrap_os_errors
from ...core.disk.durable import UNFINISHED, remove, sync_folder, sync_tree
from ...core.disk.flock import flocked
from ...core.disk.room import check_room
from ...core.errors import UserError
from ...data.folders.names import some
from .places import inside
from .upload_names import Names, place_of, set_name

MARK = ".upload.json"  # in the folder of a set that was uploaded
MOST_FILES = 20_000
_BEGUN = ".upload-"
_FEW = 500  # files that are synced one by one, of more the whole disk
_SPARE = 256 << 20  # bytes of the disk that stay free


class Received(msgspec.Struct, frozen=True):
    """What is remembered of an upload: how many files are ``kept`` of those that were sent, and the
    names of some that were ``left`` out."""

    kept: int
    sent: int
    left: list[str]


@dataclass
class Upload:
    """A set on its way to ``place``, the folder of all uploads. Files are begun and written one
    after another; then it is finished, or discarded."""

    place: Path
    folder: Path
    _lock: int
    _names: Names = field(default_factory=Names)
    _sent: list[str] = field(default_factory=list)
    _left: list[str] = field(default_factory=list)
    _file: BinaryIO | None = None

    @classmethod
    def begin(cls, root: Path, size: int) -> Upload:
        """One of about ``size`` bytes, into ``root``/data. Raises `UserError` where there is no
        room for it, or it cannot be written to."""
        place = root / "data"
        with wrap_os_errors(place):
            place.mkdir(parents=True, exist_ok=True)
            if not inside(place, (root,)):
                raise UserError(f"{place} is a link out of the studio's folder; remove the link")
            _remove_unfinished(place)
            check_room(place, size + _SPARE, "the upload", "free some, or upload less")
            folder = place / f"{_BEGUN}{secrets.token_hex(8)}{UNFINISHED}"
            folder.mkdir()
            lock = os.open(folder, os.O_RDONLY)
            flocked(lock)
        return cls(place, folder, lock)

    def begin_file(self, sent: str) -> None:
        """A file that was ``sent`` under this name; its content is written next. Raises `UserError`
        for too many."""
        self.end_file()
        if not sent:  # a form in which nothing was chosen
            return
        self._sent.append(sent)
        if len(self._sent) > MOST_FILES:
            raise UserError(
                f"more than {MOST_FILES:,} files were sent; pack them into one .zip and upload that"
            )
        place = place_of(sent)
        if place is None:
            self._left.append(sent)
            return
        path = self.folder.joinpath(*self._names.free(place))
        with wrap_os_errors(self.place):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb")

    def write(self, content: bytes) -> None:
        """More of the file that was begun last."""
        if self._file:
            with wrap_os_errors(self.place):
                self._file.write(content)

    def end_file(self) -> None:
        """Nothing more of it comes."""
        if self._file:
            with wrap_os_errors(self.place):
                self._file.close()
        self._file = None

    def finish(self, wished: str) -> tuple[Path, Received]:
        """The set's folder, called as ``wished`` if that is free, and what is in it. Raises
        `UserError` where no file can be data."""
        self.end_file()
        about = Received(len(self._sent) - len(self._left), len(self._sent), self._left[:20])
        if not about.kept:
            what = f"no data in what was sent ({some(self._left)})" if self._left else "no file"
            raise UserError(
                f"there is {what}; send images, one of .csv .tsv .parquet .jsonl .npy .npz, or a"
                " .zip of images"
            )
        with wrap_os_errors(self.place):
            (self.folder / MARK).write_bytes(msgspec.json.encode(about))
            if about.kept <= _FEW or sys.platform == "win32":
                sync_tree(self.folder)
            else:
                os.sync()
            final = self._free(set_name(wished, self._sent))
            os.rename(self.folder, final)
            sync_folder(self.place)
        return final, about

    def discard(self) -> None:
        """Remove what was not finished."""
        if self._file:
            with suppress(OSError):
                self._file.close()
        self._file = None
        if self._lock >= 0:
            with suppress(OSError):
                remove(self.folder)
            os.close(self._lock)
            self._lock = -1

    def _free(self, name: str) -> Path:
        """A place for a set called ``name``, with a number where that is taken."""
        taken = {other.name.casefold() for other in self.place.iterdir()}
        free, number = name, 1
        while free.casefold() in taken:
            number += 1
            free = f"{name}-{number}"
        return self.place / free


def received(folder: Path) -> Received | None:
    """What is remembered of the upload that became ``folder``; None of any other."""
    try:
        return msgspec.json.decode((folder / MARK).read_bytes(), type=Received)
    except (OSError, msgspec.DecodeError):
        return None


def _remove_unfinished(place: Path) -> None:
    for folder in place.glob(f"{_BEGUN}*{UNFINISHED}"):
        if folder.is_symlink():
            continue
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY)
            try:
                if flocked(lock):
                    remove(folder)
            finally:
                os.close(lock)
