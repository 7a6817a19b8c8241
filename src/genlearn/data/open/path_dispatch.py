"""What lies at a path: which reader a file or a folder needs, by its suffix and its neighbours,
never by a network."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from ...core.errors import UserError
from ..sources.base import Source, is_split, meaning
from ..sources.idx import find_idx

_ARRAYS = (".npy", ".npz")
_TABLES = (".parquet", ".arrow", ".csv", ".tsv", ".jsonl", ".json")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
_DESCRIPTIONS = ("metadata.csv", "metadata.jsonl", "package.json")


def at_path(path: Path) -> Source:
    """The source at a path that exists. Raises `UserError` where nothing there can be read."""
    if not path.is_dir() and not path.is_file():
        raise UserError(f"{path} is neither a file nor a folder; give one that holds data")
    return _folder(path) if path.is_dir() else _file(path)


def _file(path: Path) -> Source:
    from .file_tree import SUFFIXES, FolderTree

    idx = find_idx(path)
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty; give a file that holds data")
    if idx is not None:
        return idx
    suffix = _suffix(path)
    if suffix in SUFFIXES:
        from ..sources.image_folder import ImageFolderSource

        facts = path.stat()
        return ImageFolderSource(
            FolderTree(path.parent, [(path.name, facts.st_size, facts.st_mtime_ns)])
        )
    if suffix not in (*_ARRAYS, *_TABLES, *_ARCHIVES):
        known = " ".join((*_TABLES, *_ARRAYS, *_ARCHIVES))
        raise UserError(
            f"{path} is of a kind that cannot be read; give images, IDX files or one of: {known}"
        )
    return _files({"": [path]}, suffix)


def _folder(path: Path) -> Source:
    from ..sources.image_folder import images_in
    from .file_tree import scan

    idx = find_idx(path)
    if idx is not None:
        return idx
    if (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file():
        from ..sources.huggingface import HuggingFaceSource

        return HuggingFaceSource.on_disk(path)
    tree = scan(path)
    data = (
        []
        if tree.images
        else [
            path / name
            for name, _, _ in tree.files
            if _suffix(path / name) in (*_ARRAYS, *_TABLES, *_ARCHIVES)
        ]
    )
    data = [file for file in data if file.name not in _DESCRIPTIONS]
    if not data:
        return images_in(tree)
    commonest = Counter(_suffix(file) for file in data).most_common(1)[0][0]
    return _files(_by_split([file for file in data if _suffix(file) == commonest]), commonest)


def _files(files: dict[str, list[Path]], suffix: str) -> Source:
    if suffix in _ARRAYS:
        from ..sources.npy import ArrayFiles

        return ArrayFiles({split: paths[0] for split, paths in files.items()})
    if suffix in _ARCHIVES:
        from ..sources.archives import Archives

        return Archives(files)
    from ..sources.table_files import TableFiles

    return TableFiles(files, suffix)


def _by_split(files: list[Path]) -> dict[str, list[Path]]:
    """Files grouped by the split that their name or folder tells; under '' where it tells none."""
    groups: dict[str, list[Path]] = {}
    for file in files:
        words = [*re.split(r"[-_.]", file.name), file.parent.name]
        groups.setdefault(next((meaning(word) for word in words if is_split(word)), ""), []).append(
            file
        )
    return dict(sorted(groups.items(), key=lambda item: (item[0] != "train", item[0])))


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return next((suffix for suffix in _ARCHIVES if name.endswith(suffix)), path.suffix.lower())
