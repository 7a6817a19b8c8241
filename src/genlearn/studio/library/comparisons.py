"""The comparisons in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.disk.checked import read_document
from ...core.errors import UserError
from .places import by_id, id_of, name_of, walk

DOCUMENT = "comparison.json"


@dataclass(frozen=True)
class Comparison:
    """A comparison at ``path``, called by where it lies below the studio's folder; its plan as it
    was when it was found."""

    path: Path
    name: str
    plan: dict[str, Any]
    updated: float

    @property
    def id(self) -> str:
        return id_of(self.name)

    @property
    def report(self) -> Path | None:
        """Its page, once it is there."""
        page = self.path / "report.html"
        return page if page.is_file() else None


def find_comparisons(root: Path) -> dict[str, Comparison]:
    """Those below ``root`` by id, the latest first; damaged ones are left out."""
    found = []
    for folder in walk(root):
        if DOCUMENT not in folder.files:
            continue
        folder.folders.clear()
        path, document = folder.path, folder.path / DOCUMENT
        try:
            plan, updated = read_document(document), document.stat().st_mtime
            found.append(Comparison(path, name_of(path, root), plan, updated))
        except (UserError, OSError):
            continue
    return by_id(found)
