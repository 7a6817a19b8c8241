"""Several trees as one: the archives of a folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import final

from ..open.file_tree import FileTree
from ..prepare.open_image import Payload


@final
@dataclass(frozen=True)
class SeveralTrees(FileTree):
    """``parts``: each under its own name, which its files' names here begin with, so that equal
    names in several are different files. For splits and classes a part is not there: what it holds
    counts as lying where it lies."""

    parts: dict[str, FileTree] = field(default_factory=dict, repr=False)

    def payloads(self, names: list[str]) -> Iterator[Payload]:
        inside: dict[str, list[str]] = {part: [] for part in self.parts}
        for name in names:
            part, own = self._owners[name]
            inside[part].append(own)
        for part, own_names in inside.items():
            if own_names:
                yield from self.parts[part].payloads(own_names)

    def content(self, name: str) -> bytes:
        part, own = self._owners[name]
        return self.parts[part].content(own)

    def logical(self, name: str) -> str:
        part, own = self._owners[name]
        return posixpath.join(posixpath.dirname(part), own)

    @cached_property
    def _owners(self) -> dict[str, tuple[str, str]]:
        return {
            f"{part}/{name}": (part, name)
            for part, tree in self.parts.items()
            for name, _, _ in tree.files
        }


def joined(place: Path, parts: dict[str, FileTree], notes: tuple[str, ...] = ()) -> FileTree:
    """The trees as one; a single one as it is, but for its ``notes``."""
    files = [
        (f"{part}/{name}", size, changed)
        for part, tree in parts.items()
        for name, size, changed in tree.files
    ]
    told = tuple(dict.fromkeys((*notes, *(note for tree in parts.values() for note in tree.notes))))
    folders = tuple(
        posixpath.join(posixpath.dirname(part), name)
        for part, tree in parts.items()
        for name in tree.folders
    )
    return SeveralTrees(place, files, told, folders, parts)
