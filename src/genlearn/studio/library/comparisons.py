"""The comparisons in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import UserError
from ...engine.atomic_io import read_document
from .places import id_of, walk

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
        path = folder.path
        name = "." if path == root else path.relative_to(root).as_posix()
        try:
            plan = read_document(path / DOCUMENT)
            found.append(Comparison(path, name, plan, (path / DOCUMENT).stat().st_mtime))
        except (UserError, OSError):
            continue
    found.sort(key=lambda card: card.updated, reverse=True)
    return {card.id: card for card in found}
