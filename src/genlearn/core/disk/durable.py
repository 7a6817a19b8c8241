"""Files that outlast a power cut, names that no other process has, and removal that stays inside.

A file is on the disk when it was synced, and found there after a power cut when its folder was
synced too. Until it is whole it has a temporary name with a random part: process numbers are alike
in two containers that share a disk. A writer holds a lock on its temporary file, so that the next
one can tell what a killed process has left behind.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path

from .flock import flocked

UNFINISHED = ".part"  # ends the name of what is not whole yet


def temporary_beside(path: Path) -> Path:
    """A name for what is to become ``path``, which no other process has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}{UNFINISHED}")


def create_new(path: Path) -> int:
    """A descriptor of the new file ``path``, locked for as long as it is open. Raises
    `FileExistsError` where there is one."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    flocked(file)
    return file


def remove_unfinished(folder: Path, name: str = "*") -> None:
    """Remove what killed processes have left in ``folder`` of files that were to be called
    ``name``; what another one still writes stays."""
    for path in folder.glob(f".{name}.*{UNFINISHED}"):
        if path.is_dir() and not path.is_symlink():
            continue
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        if flocked(file):
            path.unlink(missing_ok=True)
        os.close(file)


def sync_folder(folder: Path) -> None:
    """What was created, renamed or removed in ``folder`` outlasts a power cut; nothing where the
    system has no such thing."""
    try:
        file = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(file)
    except OSError:
        pass  # some shared disks sync files alone
    finally:
        os.close(file)


def sync_tree(folder: Path) -> None:
    """All files in ``folder``, and the folders themselves, outlast a power cut."""
    for place, _, names in os.walk(folder):
        for name in names:
            with (Path(place) / name).open("rb+") as file:
                os.fsync(file.fileno())
        sync_folder(Path(place))


def check_regular(path: Path) -> None:
    """Raise `FileNotFoundError` where no regular file is: opening a pipe would wait for ever."""
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "no regular file", str(path))


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it; of a link, only the link. Nothing where
    there is nothing."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)
