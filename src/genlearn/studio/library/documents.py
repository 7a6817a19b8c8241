"""Pages that runs, comparisons and lectures brought, each a file with all that it needs in it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException

from .library import Library
from .places import by_id, id_of, inside, name_of, walk

_LARGEST = 256 << 20  # bytes


@dataclass(frozen=True)
class Document:
    """A page at ``path``, called by where it lies below the studio's folder."""

    path: Path
    name: str
    updated: float

    @property
    def id(self) -> str:
        return id_of(self.name)

    @property
    def kind(self) -> str:
        """As in "lecture"."""
        return self.path.stem

    @property
    def place(self) -> str:
        """The folder that it lies in."""
        return Path(self.name).parent.as_posix()

    def read(self) -> bytes:
        """Its content. Raises a 404 where it went away, or became a link."""
        try:
            number = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            raise HTTPException(404) from None
        with os.fdopen(number, "rb") as file:
            facts = os.fstat(number)
            if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LARGEST:
                raise HTTPException(404)
            return file.read()


def find_documents(library: Library) -> dict[str, Document]:
    """Those below the studio's folder by id, the latest first."""
    root, found = library.folder, []
    for folder in walk(root):
        for file in folder.files:
            path = folder.path / file
            if path.suffix == ".html" and not path.is_symlink() and inside(path, (root,)):
                found.append(Document(path, name_of(path, root), path.stat().st_mtime))
    return by_id(found)


def document_at(library: Library, name: str) -> Document | None:
    """The one called ``name``, from the studio's folder, if it is there."""
    path = library.folder / name
    there = path.is_file() and not path.is_symlink() and inside(path, (library.folder,))
    return Document(path, name, path.stat().st_mtime) if there else None
