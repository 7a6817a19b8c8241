"""Files and folders that are written whole or not at all, and by one process at a time."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ..errors import UserError
from .durable import (
    UNFINISHED,
    create_new,
    remove,
    remove_unfinished,
    sync_folder,
    sync_tree,
    temporary_beside,
)
from .locks import Lock
from .room import FULL

LOCK = ".lock"  # in a folder that one process writes to


def write_bytes(path: Path, content: bytes, many: bool = False) -> None:
    """Replace ``path`` by ``content`` in one step, as `atomic_file` does. Raises `UserError` if the
    disk is full or the place not writable."""
    with atomic_file(path, many) as file:
        file.write(content)


@contextmanager
def atomic_file(path: Path, many: bool = False) -> Iterator[BinaryIO]:
    """A temporary file that becomes ``path`` when the block ends, and vanishes if it fails. It
    outlasts a power cut, and what a killed process has left of an earlier one vanishes; of ``many``
    files in a row that would take too long for each, and who writes them sees to it."""
    temporary = temporary_beside(path)
    with wrap_os_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not many:
            remove_unfinished(path.parent, glob.escape(path.name))
        with open(create_new(temporary), "w+b") as file, _removed_on_failure(temporary):
            yield file
            file.flush()
            if not many:
                os.fsync(file.fileno())
            os.replace(temporary, path)
        if not many:
            sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """What was appended to ``path`` outlasts a power cut; nothing where there is none."""
    if path.exists():
        with wrap_os_errors(path), path.open("rb+") as file:
            os.fsync(file.fileno())


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that becomes ``path`` when the block ends, and vanishes if it fails."""
    temporary = temporary_beside(path)
    with wrap_os_errors(path), _removed_on_failure(temporary):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        yield temporary
        sync_tree(temporary)
        if path.exists() or path.is_symlink():
            old = temporary_beside(path)
            os.replace(path, old)
            os.replace(temporary, path)
            remove(old)
        else:
            os.replace(temporary, path)
        sync_folder(path.parent)


@contextmanager
def sole_writer(folder: Path, *inside: str, shared: bool = False) -> Iterator[Lock]:
    """Inside, no other process that asks writes to ``folder``, which is made where it is not there;
    several may that are ``shared``. What killed ones have left unfinished in it, and in the folders
    ``inside`` it, is removed. Raises `UserError` where another one does, or it cannot be written
    to."""
    with ExitStack() as stack:
        with wrap_os_errors(folder):
            lock = stack.enter_context(Lock(folder / LOCK, str(folder), shared))
            if lock.sure and not shared:
                for place in (folder, *(folder / name for name in inside)):
                    for path in place.glob(f".*{UNFINISHED}"):
                        remove(path)
        yield lock


@contextmanager
def wrap_os_errors(path: Path) -> Iterator[None]:
    """Inside, a failing operating system is told in one line that names ``path``."""
    try:
        yield
    except OSError as error:
        full = error.errno in FULL
        reason = (
            "the disk is full; free some space"
            if full
            else f"{error.strerror or error}; choose another place"
        )
        raise UserError(
            f"could not write {path}: {reason}. What was saved before is intact"
        ) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Inside, no other process that asks has the lock beside the file ``path``; it is waited
    for."""
    with Lock(path.parent / f".{path.name}.lock", wait=True):
        yield


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            remove(path)
        raise
