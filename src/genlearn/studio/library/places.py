"""Names for places, so that no path ever comes from a browser.

A page calls a run or a set of data by an id, which is a digest of where it lies. An id is looked up
among what a walk through the folders has found, so that one that was made up leads nowhere; links
are not followed, and what is found is looked at again for where it really lies.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol, TypeVar

_DEEPEST = 5  # folders below a root that are looked into
_MOST = 20_000  # folders that a walk looks into


def id_of(text: str | Path) -> str:
    """The id of what lies at, or is called, ``text``."""
    return blake2b(os.fsencode(text), digest_size=8).hexdigest()


def name_of(path: Path, root: Path) -> str:
    """What ``path`` is called in pages: where it lies below ``root``."""
    return path.relative_to(root).as_posix()


class Dated(Protocol):
    """Something in a folder, with the time when it was last written."""

    @property
    def id(self) -> str: ...

    @property
    def updated(self) -> float: ...


D = TypeVar("D", bound=Dated)


def by_id(found: Iterable[D]) -> dict[str, D]:
    """Things by their ids, the latest first."""
    return {one.id: one for one in sorted(found, key=lambda one: one.updated, reverse=True)}


@dataclass(frozen=True)
class Folder:
    """A folder that a walk has come to, with the names of what lies in it."""

    path: Path
    folders: list[str]
    files: list[str]


def walk(root: Path) -> Iterator[Folder]:
    """The folders at and below ``root``, hidden ones and links left out; who walks may remove names
    from ``folders``, which are then passed by."""
    for count, (place, folders, files) in enumerate(os.walk(root)):
        path = Path(place)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (path / name).is_symlink()
        )
        yield Folder(path, folders, files)
        if len(path.relative_to(root).parts) >= _DEEPEST or count >= _MOST:
            folders.clear()


def inside(path: Path, roots: tuple[Path, ...]) -> bool:
    """Whether ``path`` really lies at or below one of the ``roots``."""
    real = path.resolve()
    return any(real == root or root in real.parents for root in map(Path.resolve, roots))
