"""Prepared data on disk: one folder for each key, whole or not there at all.

An entry is built in a temporary folder beside its place and renamed into it. A rename is atomic, so
two processes that prepare the same data both succeed and a killed one leaves no half entry behind.
"""

from __future__ import annotations

import atexit
import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from ...core.errors import UserError

VERSION = 2
_STALE_SECONDS = 24 * 3600


def root() -> Path:
    """$GENLEARN_CACHE, or ~/.cache/genlearn."""
    return Path(os.environ.get("GENLEARN_CACHE") or Path.home() / ".cache" / "genlearn")


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
    key: str, build: Callable[[Path], None], intact: Callable[[Path], bool]
) -> tuple[Path, str | None]:
    """The folder called ``key``, filled by ``build`` unless it is there and ``intact``; and a note
    where it is only temporary."""
    kept = root() / "prepared" / key
    if intact(kept):
        return kept, None
    home, note = _writable(kept.parent)
    place = home / key
    if intact(place):
        return place, note
    with tempfile.TemporaryDirectory(
        dir=home, prefix=".tmp-", ignore_cleanup_errors=True
    ) as temporary:
        fresh = Path(temporary) / "entry"
        fresh.mkdir()
        _build(fresh, build)
        _replace(fresh, place, Path(temporary) / "damaged", intact)
    return place, note


def _build(fresh: Path, build: Callable[[Path], None]) -> None:
    try:
        build(fresh)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise UserError(
            f"no room left in {fresh.parent.parent} for the prepared data; free some, or set"
            " GENLEARN_CACHE"
        ) from None


def _replace(fresh: Path, place: Path, damaged: Path, intact: Callable[[Path], bool]) -> None:
    if place.exists() and not intact(place):
        place.rename(damaged)
    try:
        fresh.rename(place)
    except OSError:
        # Another process was faster; its entry is as good as ours.
        if not intact(place):
            raise


def _writable(home: Path) -> tuple[Path, str | None]:
    try:
        home.mkdir(parents=True, exist_ok=True)
        _remove_stale(home)
        tempfile.TemporaryFile(dir=home).close()
        return home, None
    except OSError:
        return (
            _temporary(),
            (
                f"prepared data is not kept: {home} cannot be written to (set GENLEARN_CACHE to a"
                " folder that can)"
            ),
        )


@lru_cache
def _temporary() -> Path:
    """A folder that lasts as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="genlearn-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _remove_stale(home: Path) -> None:
    for folder in home.glob(".tmp-*"):
        if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
