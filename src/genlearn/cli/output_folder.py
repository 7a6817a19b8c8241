"""Where results go: a folder never holds those of two commands, and a disk has room for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.disk.durable import remove_unfinished
from ..core.disk.room import check_room
from ..core.errors import UserError
from ..data.open.file_tree import SUFFIXES

METADATA = "metadata.csv"  # captions of the images in a folder
_LABELS = (METADATA, "metadata.jsonl", "metadata.parquet")  # what a reader would take for theirs


def check_unmixed(folder: Path, names: Sequence[str], captions: bool) -> None:
    """Raise `UserError` where ``folder`` holds images, or captions of some, that are not about to
    be replaced by those called ``names``: nobody could tell them apart."""
    if not folder.is_dir():
        return
    replaced = {*names, *([METADATA] if captions else [])}
    there = (path for path in sorted(folder.rglob("*")) if path.is_file())
    older = [
        name
        for path in there
        if (name := path.relative_to(folder).as_posix()) not in replaced
        and not path.name.startswith(".")
        and (path.suffix.lower() in SUFFIXES or path.name in _LABELS)
    ]
    if older:
        shown = ", ".join(older[:3]) + (", ..." if len(older) > 3 else "")
        raise UserError(
            f"{folder} holds {len(older):,} older file{'s' if len(older) > 1 else ''} ({shown}),"
            f" which the {len(names):,} new ones would mix with; choose another --out, or remove"
            " what is there"
        )


def remove_replaced(folder: Path, names: Sequence[str]) -> None:
    """Remove what ``names`` are about to replace, and what killed commands have left half-written:
    where the command is stopped, what it wrote stands there alone."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    for place in {(folder / name).parent for name in names}:
        remove_unfinished(place)


@dataclass
class Room:
    """The disk of ``folder``, on which ``n`` results are about to be written."""

    folder: Path
    n: int
    done: int = 0

    def used(self, count: int, size: int) -> None:
        """So many results took ``size`` bytes. Raises `UserError` after the first ones, where there
        is no room for as much for each of the others."""
        if not self.done and 0 < count < self.n:
            need = size / count * (self.n - count)
            what = f"what is still to be written ({self.n - count:,} of {self.n:,})"
            check_room(self.folder, need, what, "free some, or choose another --out")
        self.done += count
