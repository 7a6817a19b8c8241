"""NumPy's own files. ``.npy`` is mapped, not read; ``.npz`` may hold images and labels, and several
splits (``x_train``, ``test_images``). What is read is told by its key."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...core.disk.arrays import read_array
from ...core.errors import UserError, nearest
from ..dataset import Array, Dataset, scratch
from ..open.decoding import decoding
from ..open.labels import classes_beside
from ..open.options import Options
from .arrays import from_array
from .base import Source, is_split, meaning

_VALUES = ("x", "images", "image", "data", "arr_0")
_LABELS = ("y", "labels", "label", "targets", "target", "classes", "class")
_LIKELY = {*_VALUES, "imgs", "img", "features", "samples", "examples", "inputs", "pixels"}  # words
_PIECE = 1 << 20  # numbers that are unpacked at a time

Facts = tuple[tuple[int, ...], np.dtype[Any]]  # shape and type of an array


@dataclass(frozen=True)
class ArrayFiles(Source):
    """One ``.npy`` or ``.npz`` file for each split, or a single one named ''."""

    files: dict[str, Path]

    def splits(self) -> list[str]:
        outside = [split for split in self.files if split]
        return outside or [split for split in _by_split(_facts(self.files[""])) if split]

    def written(self) -> tuple[str, ...]:
        return (
            ("key",) if any(path.suffix.lower() == ".npz" for path in self.files.values()) else ()
        )

    def read(self, split: str | None, options: Options) -> Dataset:
        path = self.files.get(split or "", next(iter(self.files.values())))
        facts = _facts(path)
        groups = _by_split(facts)
        group = groups.get(split or "") or next(iter(groups.values()), {})
        x = _chosen(path, facts, group, options.key)
        y = _labels_key(path, facts, {k: v for k, v in group.items() if v != x}, options.label)
        values, labels = _read(path, x), None if y is None else _read(path, y)
        names = classes_beside(path.parent)
        data = from_array(values, labels, replace(options, label=None), names=names)
        others = sorted(facts.keys() - {x, y})
        if not others or (len(groups) > 1 and split):
            return data
        note = f"{path.name}: {x!r} is read, and not {', '.join(others)} (see key)"
        return replace(data, notes=(*data.notes, note))


def _read(path: Path, key: str) -> Array:
    with _opened(path) as content:
        if isinstance(content, np.ndarray):
            return content
        name = _members(content)[key]
        with content.open(name) as file:
            return _unpacked(file, content.getinfo(name).file_size)


def _unpacked(file: IO[bytes], announced: int) -> Array:
    """The array in a member of ``announced`` bytes; a large one goes to a temporary file."""
    shape, transposed, kind = _head(file)
    if kind.hasobject:
        raise ValueError("it holds Python objects")
    if math.prod(shape) * kind.itemsize > announced:
        raise ValueError("it is cut short")
    values = scratch(shape[::-1] if transposed else shape, kind)
    flat = values.reshape(-1)
    for start in range(0, flat.size, _PIECE):
        part = flat[start : start + _PIECE]
        part[:] = np.frombuffer(file.read(part.nbytes), kind)  # a ValueError for fewer bytes
    return values.T if transposed else values


@contextmanager
def _opened(path: Path) -> Iterator[Array | zipfile.ZipFile]:
    """The array, or the archive of arrays. (NumPy's own reader of archives leaves the file open
    where it is damaged.) Raises `UserError`."""
    with decoding(path, "arrays", "save it again as numbers, without Python objects"):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield archive
        elif path.suffix.lower() == ".npz":
            raise zipfile.BadZipFile("it is no archive, or cut short")
        else:
            yield read_array(path, "r")


def _facts(path: Path) -> dict[str, Facts]:
    """What each array is, by its key, without reading it."""
    with _opened(path) as content:
        if isinstance(content, np.ndarray):
            return {"x": (content.shape, content.dtype)}
        return {key: _header(content, name) for key, name in _members(content).items()}


def _members(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names of the arrays in an archive, by key."""
    return {name.removesuffix(".npy"): name for name in archive.namelist()}


def _header(archive: zipfile.ZipFile, name: str) -> Facts:
    with archive.open(name) as file:
        shape, _, kind = _head(file)
    return shape, kind


def _head(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether it is stored transposed, and type of the array that ``file`` begins with."""
    version = np.lib.format.read_magic(file)
    first = version == (1, 0)
    read = np.lib.format.read_array_header_1_0 if first else np.lib.format.read_array_header_2_0
    shape, transposed, kind = read(file)
    return shape, transposed, kind


def _by_split(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Keys by what they are called beside their split, by split; those that have no examples
    left out."""
    groups: dict[str, dict[str, str]] = {}
    for key in names:
        words = key.lower().split("_")
        split = next((meaning(word) for word in words if is_split(word)), "")
        base = "_".join(word for word in words if not is_split(word))
        groups.setdefault(split, {})[base] = key
    return {
        split: group
        for split, group in groups.items()
        if not split or any(base not in _LABELS for base in group)
    }


def _chosen(path: Path, facts: dict[str, Facts], group: dict[str, str], key: str | None) -> str:
    """The key of the examples: the one asked for, one of a usual name, one whose name holds a usual
    word, or the only one that can be examples. Raises `UserError` where that leaves several."""
    if not facts:
        raise UserError(f"{path} holds no array; save one with np.save or np.savez(x=..., y=...)")
    if key is not None:
        found = key if key in facts else group.get(key.lower())
        if found is None:
            raise UserError(f"key={key!r} was given; {nearest(key, facts)}")
        return found
    usual = _first(group, _VALUES)
    if usual is not None:
        return usual
    fits = {base: name for base, name in group.items() if base not in _LABELS and _fit(facts[name])}
    likely = {base: name for base, name in fits.items() if _LIKELY & set(_words(base))}
    for some in (likely, fits):
        if len(some) == 1:
            return next(iter(some.values()))
    if not fits and len(group) == 1:
        return next(iter(group.values()))  # whose error says what is wrong with it
    shapes = ", ".join(
        f"{name} {facts[name][0]} {facts[name][1]}" for name in sorted(group.values())
    )
    raise UserError(
        f"{path} holds {'several arrays' if fits else 'no array'} that may be examples ({shapes});"
        " say which by key"
    )


def _labels_key(
    path: Path, facts: dict[str, Facts], group: dict[str, str], label: str | None
) -> str | None:
    """The key of the classes: the one asked for, or one of a usual name."""
    if label is None:
        return _first(group, _LABELS)
    found = label if label in facts else group.get(label.lower())
    if found is None:
        hint = nearest(label, group.values()) if group else "it holds no other array"
        raise UserError(
            f"label={label!r} was given; {path} has no such array beside that of the examples;"
            f" {hint}"
        )
    return found


def _fit(facts: Facts) -> bool:
    """Whether an array can be examples."""
    shape, kind = facts
    return (2 <= len(shape) <= 4 and kind.kind in "biuf") or kind.names is not None


def _words(base: str) -> list[str]:
    return re.split(r"[^a-z]+", base)


def _first(group: dict[str, str], names: Iterable[str]) -> str | None:
    return next((group[name] for name in names if name in group), None)
