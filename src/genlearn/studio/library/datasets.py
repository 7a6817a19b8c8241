"""The data that can be chosen: named sets, and files and folders that look like data.

What a place holds is only guessed here, by names alone; `inspect` opens it. A folder of images is
the uppermost one whose own files, or whose sub-folders' (classes, splits), are images.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...core.text import printable
from .places import Folder, id_of, inside, walk
from .uploads import MARK

_TABLES = (".csv", ".tsv", ".parquet", ".arrow", ".jsonl")
_ARRAYS = (".npy", ".npz")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
_IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
_NAMED = {"digits": "8x8 digits, comes with scikit-learn", "scenes": "drawn scenes with captions"}
_NOT_DATA = {"metrics.jsonl", "jobs.jsonl", "metadata.csv", "metadata.tsv", "metadata.jsonl"}


@dataclass(frozen=True)
class DataSource:
    """``text`` names it to the command line, from the studio's folder; ``path`` is where it lies,
    None of a named set; ``kind`` is what it seems to be."""

    text: str
    name: str
    kind: str
    path: Path | None = None

    @property
    def id(self) -> str:
        return id_of(self.text)


def find_data(roots: tuple[Path, ...], folder: Path) -> dict[str, DataSource]:
    """By id: named sets, then what lies in ``roots``; ``folder`` is where commands run."""
    found = [*_named(), *(one for root in roots for one in _below(root, folder))]
    there = (one for one in found if one.path is None or inside(one.path, roots))
    return {source.id: source for source in there}


def _named() -> Iterator[DataSource]:
    for name, about in _NAMED.items():
        yield DataSource(name, name, about)
    home = os.environ.get("GENLEARN_DATA")
    for path in sorted(Path(home).iterdir()) if home and Path(home).is_dir() else ():
        if path.name not in _NAMED and not path.name.startswith(".") and path.suffix != ".md":
            yield DataSource(path.name, path.name, "set in $GENLEARN_DATA")


def _below(root: Path, folder: Path) -> Iterator[DataSource]:
    images: list[Path] = []  # folders of images found so far
    parents: dict[Path, list[Path]] = {}
    for place in walk(root):
        if _is_ours(place):
            place.folders.clear()
            continue
        if MARK in place.files:  # an upload is one set, whatever lies in it
            place.folders.clear()
            yield _source(place.path, _kind_of_upload(place), root, folder)
            continue
        yield from (
            _source(place.path / name, _kind(name), root, folder)
            for name in sorted(place.files)
            if _kind(name) and name not in _NOT_DATA
        )
        if any(name.lower().endswith(_IMAGES) for name in place.files) or "-ubyte" in " ".join(
            place.files
        ):
            images.append(place.path)
            parents.setdefault(place.path.parent, []).append(place.path)
    tops = {_uppermost(path, parents, root) for path in images}
    yield from (
        _source(path, "folder of images", root, folder)
        for path in sorted(tops)
        if not any(other in path.parents for other in tops)
    )


def _uppermost(path: Path, parents: dict[Path, list[Path]], root: Path) -> Path:
    """The folder of which ``path`` is a class or a split, or itself."""
    while root not in (path, path.parent) and len(parents.get(path.parent, ())) > 1:
        parents.setdefault(path.parent.parent, []).append(path.parent)
        path = path.parent
    return path


def _is_ours(place: Folder) -> bool:
    """Whether it is a run, a comparison or a lecture, whose pictures are no data."""
    return not {"manifest.json", "comparison.json", "lecture.html"}.isdisjoint(place.files)


def _kind_of_upload(place: Folder) -> str:
    images = place.folders or any(name.lower().endswith(_IMAGES) for name in place.files)
    kinds = [] if images else filter(None, map(_kind, sorted(place.files)))
    return next(iter(kinds), "folder of images")


def _kind(name: str) -> str:
    low = name.lower()
    for ends, kind in ((_TABLES, "table"), (_ARRAYS, "array"), (_ARCHIVES, "archive")):
        if low.endswith(ends):
            return kind
    return ""


def _source(path: Path, kind: str, root: Path, folder: Path) -> DataSource:
    below = path.relative_to(root).as_posix()
    name = printable(path.name if below == "." else below)
    if root == folder:
        return DataSource("." if below == "." else below, name, kind, path)
    return DataSource(os.path.abspath(path), printable(f"{root.name}/{below}"), kind, path)
