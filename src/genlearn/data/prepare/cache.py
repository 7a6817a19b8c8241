"""Prepared data on disk: one folder for each key, whole or not there at all.

An entry is built in a temporary folder beside its place, by one process at a time, while others
wait for it. When all of it is on the disk a mark is written, which knows the size of each file and
a digest of it; then the folder is renamed into its place. So a killed process or a power cut leaves
no half entry behind, and one that is damaged later is told from a whole one, and built again.
"""

from __future__ import annotations

import atexit
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from ...core.disk.durable import remove, sync_folder, sync_tree
from ...core.disk.json_text import parse_json
from ...core.disk.locks import Lock
from ...core.disk.room import FULL
from ...core.errors import UserError

VERSION = 3
_MARK = "whole.json"
_STALE_SECONDS = 24 * 3600
# bytes of a file that its digest takes: all of a small one, and pieces of a large one
_ALL, _PIECES, _PIECE = 32 << 20, 64, 1 << 16
Tell = Callable[[str], None]


def root() -> Path:
    """$GENLEARN_CACHE, or ~/.cache/genlearn; where nobody knows what ~ is, a folder that lasts as
    long as this process."""
    return _chosen() or _temporary()


def key_of(parts: Iterable[object]) -> str:
    """A hexadecimal key from what determines an entry."""
    name = hashlib.blake2b(f"genlearn {VERSION}".encode(), digest_size=16)
    for part in parts:
        name.update(f"\0{part}".encode(errors="surrogateescape"))
    return name.hexdigest()


def stamp(path: Path) -> tuple[str, int, int]:
    """What changes when a file does: its place, size and time of change."""
    facts = path.stat()
    return str(path.absolute()), facts.st_size, facts.st_mtime_ns


def entry(
    key: str,
    build: Callable[[Path], None],
    intact: Callable[[Path], bool],
    tell: Tell = lambda line: None,
) -> tuple[Path, str | None]:
    """The folder called ``key``, filled by ``build`` unless it is there, whole and ``intact``; and
    a note where it is only temporary. ``tell`` hears of damage, and of another process that builds
    it now, for which is waited."""
    home, note = _home()
    place = home / key
    if not damage(place, intact):
        return place, note
    if trouble := _writable(home):
        home, note = _temporary() / "prepared", trouble
        place = home / key

    def waiting(holder: str) -> None:
        tell(f"waiting for {holder}, which prepares the same data")

    with Lock(_lock_of(home, key), wait=True, told=waiting) as lock:
        if lock.sure:
            _remove_stale(home, key)
        wrong = damage(place, intact)
        if wrong:
            if place.exists():
                tell(f"the prepared data in {place} is damaged ({wrong}): prepared again")
            _built(home, key, build, intact)
    return place, note


def build_in(folder: Path, build: Callable[[Path], None], remedy: str) -> None:
    """``build`` in ``folder``. Raises `UserError`, with the ``remedy``, where its disk is full."""
    try:
        build(folder)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise UserError(
            f"no room left in {folder.parent} for the prepared data; free some, or {remedy}"
        ) from None


def _built(
    home: Path, key: str, build: Callable[[Path], None], intact: Callable[[Path], bool]
) -> None:
    """Build the entry and put it in its place."""
    with tempfile.TemporaryDirectory(
        dir=home, prefix=f".tmp-{key}-", ignore_cleanup_errors=True
    ) as temporary:
        fresh, place = Path(temporary) / "entry", home / key
        fresh.mkdir()
        build_in(fresh, build, "set GENLEARN_CACHE to a folder with more")
        write_mark(fresh, fresh.rglob("*"))
        sync_tree(fresh)
        if place.exists() and damage(place, intact):
            place.rename(Path(temporary) / "damaged")
        try:
            fresh.rename(place)
        except OSError as error:
            # on a disk without locks another process may have been faster; its entry is as good
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY) or damage(place, intact):
                raise
        sync_folder(home)


def write_mark(folder: Path, paths: Iterable[Path]) -> None:
    """Mark ``folder`` as whole, which has those files of ``paths`` that are there."""
    files = sorted(path for path in paths if path.is_file())
    described = {str(path.relative_to(folder)): _file(path) for path in files}
    (folder / _MARK).write_text(json.dumps(described))


def is_marked(folder: Path) -> bool:
    """Whether ``folder`` was whole once."""
    return (folder / _MARK).is_file()


def damage(place: Path, intact: Callable[[Path], bool]) -> str:
    """What is wrong with an entry, in words; "" where it is whole."""
    if not place.is_dir():
        return "it is not there"
    try:
        marked = parse_json((place / _MARK).read_text())
        for name, about in marked.items():
            if not (place / name).is_file():
                return f"{name} is missing"
            if _file(place / name) != about:
                return f"{name} is not as it was written"
    except (OSError, ValueError, AttributeError):
        return f"{_MARK}, which says that it is whole, cannot be read"
    return "" if intact(place) else "its content cannot be used"


def _file(path: Path) -> list[int | str]:
    """Size and digest of a file."""
    size, digest = path.stat().st_size, hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        if size <= _ALL:
            digest.update(file.read())
        else:
            for piece in range(_PIECES):
                file.seek(piece * (size - _PIECE) // (_PIECES - 1))
                digest.update(file.read(_PIECE))
    return [size, digest.hexdigest()]


def _chosen() -> Path | None:
    """Where the user keeps caches, if anybody can tell."""
    if given := os.environ.get("GENLEARN_CACHE"):
        return Path(given)
    try:
        return Path.home() / ".cache" / "genlearn"
    except RuntimeError:  # a user of a number alone, without $HOME
        return None


def _home() -> tuple[Path, str | None]:
    """Where entries are, and a note where they do not stay."""
    chosen = _chosen()
    note = "prepared data is not kept: there is no home folder (set GENLEARN_CACHE to a folder)"
    home = (chosen or _temporary()) / "prepared"
    return (home, None) if chosen else (home, note)


def _writable(home: Path) -> str | None:
    """A note where ``home``, which is made where it is not there, cannot be written to."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=home).close()
        return None
    except OSError:
        return (
            f"prepared data is not kept: {home} cannot be written to (set GENLEARN_CACHE to a"
            " folder that can)"
        )


@lru_cache
def _temporary() -> Path:
    """A folder that lasts as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="genlearn-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _remove_stale(home: Path, key: str) -> None:
    """Remove what killed processes have left of the entry ``key``, which is locked here; and of
    others after a day, where nobody builds them now."""
    for folder in home.glob(".tmp-*"):
        other = folder.name.removeprefix(".tmp-").rpartition("-")[0]
        try:
            if other == key:
                remove(folder)
            elif time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                with Lock(_lock_of(home, other)):
                    remove(folder)
        except (OSError, UserError):  # of another user, or still being written
            continue


def _lock_of(home: Path, key: str) -> Path:
    return home / f".{key}.lock"
