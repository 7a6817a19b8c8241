"""What lies at a path: which reader a file or a folder needs, by its suffix and its neighbours,
never by a network."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from ...core.errors import UserError
from ..folders.names import hidden, some
from ..sources.base import Source, is_split, meaning
from ..sources.idx import find_idx, is_idx
from .noted import Noted

_ARRAYS = (".npy", ".npz")
_TABLES = (".parquet", ".arrow", ".csv", ".tsv", ".jsonl", ".json")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
_CLASSES = "classes.txt"  # names of the classes in tables and arrays
ARCHIVE = "archive"  # stands for all of them
_DESCRIPTIONS = ("metadata.csv", "metadata.tsv", "metadata.jsonl", "dataset.json", "package.json")


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
    return _files({"": [path]}, kind_of(path))


def _folder(path: Path) -> Source:
    from ..shards.source import prepared_in
    from ..sources.image_folder import images_in
    from .file_tree import scan

    if prepared := prepared_in(path):
        return prepared
    idx = find_idx(path)
    if idx is not None:
        others = [file.name for file in path.iterdir() if not (is_idx(file) or hidden(file.name))]
        return _with_rest(idx, [name for name in others if name != _CLASSES])
    if (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file():
        from ..sources.huggingface import HuggingFaceSource

        return HuggingFaceSource.on_disk(path)
    tree = scan(path)
    kinds = {name: kind_of(path / name) for name in ([] if tree.images else tree.sizes)}
    data = [name for name, kind in kinds.items() if kind and Path(name).name not in _DESCRIPTIONS]
    if not data:
        return images_in(tree)
    counted = Counter(kinds[name] for name in data)
    commonest = max(counted, key=lambda kind: (counted[kind], kind == ARCHIVE))
    chosen = [name for name in data if kinds[name] == commonest]
    groups = by_split([path / name for name in chosen])
    read = {*chosen, *(() if commonest == ARCHIVE else [_CLASSES])}
    found = _with_rest(_files(groups, commonest), set(tree.sizes) - read)
    return Noted(found, (*_astray(groups), *tree.notes))


def _with_rest(source: Source, rest: Collection[str]) -> Source:
    """``source``, which tells that what lies beside it is not read."""
    line = f"{len(rest)} other files not read: {some(sorted(rest))}"
    return Noted(source, (line,)) if rest else source


def kind_of(path: Path) -> str:
    """The suffix that says how a file is read, one for all archives; "" where there is none."""
    suffix = _suffix(path)
    if suffix in _ARCHIVES:
        return ARCHIVE
    return suffix if suffix in (*_ARRAYS, *_TABLES) else ""


def _astray(groups: dict[str, list[Path]]) -> tuple[str, ...]:
    """A line on files that belong to no split where others do."""
    astray = groups.get("", []) if len(groups) > 1 else []
    names = some(path.name for path in astray)
    return (f"{len(astray)} files belong to no split, not read: {names}",) if astray else ()


def at_paths(paths: list[Path]) -> Source:
    """The source that several files are together. Raises `UserError` where one is missing, or they
    are not of one kind."""
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise UserError(f"{len(missing)} of {len(paths)} files are not there: {some(missing)}")
    if len(kinds := {kind_of(path) for path in paths}) > 1 or "" in kinds:
        raise UserError(f"{some(map(str, paths))} are not of one kind; give archives, or tables")
    return _files(by_split(paths), kinds.pop())


def _files(files: dict[str, list[Path]], suffix: str) -> Source:
    if suffix in _ARRAYS:
        from ..sources.npy import ArrayFiles

        return ArrayFiles({split: paths[0] for split, paths in files.items()})
    if suffix == ARCHIVE:
        from ..sources.archives import Archives

        return Archives(files)
    from ..sources.table_files import TableFiles

    return TableFiles(files, suffix)


def by_split(files: list[Path]) -> dict[str, list[Path]]:
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
