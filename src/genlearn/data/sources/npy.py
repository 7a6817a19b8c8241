"""NumPy's own files. ``.npy`` is mapped, not read; ``.npz`` may hold images and labels, and several
splits (``x_train``, ``test_images``)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import UserError
from ..dataset import Array, Dataset
from ..open.labels import classes_beside
from ..open.options import Options
from .arrays import from_array
from .base import Source, brief, is_split, meaning

_VALUES = ("x", "images", "image", "data", "arr_0")
_LABELS = ("y", "labels", "label", "targets", "target")


@dataclass(frozen=True)
class ArrayFiles(Source):
    """One ``.npy`` or ``.npz`` file for each split, or a single one named ''."""

    files: dict[str, Path]

    def splits(self) -> list[str]:
        outside = [split for split in self.files if split]
        return outside or [split for split in _keys_by_split(_open(self.files[""])) if split]

    def read(self, split: str | None, options: Options) -> Dataset:
        path = self.files.get(split or "", next(iter(self.files.values())))
        values, labels = _content(path, split or "")
        return from_array(values, labels, options, names=classes_beside(path.parent))


def _content(path: Path, split: str) -> tuple[Array, Array | None]:
    arrays = _open(path)
    by_split = _keys_by_split(arrays)
    if not by_split:
        raise UserError(f"{path} holds no array; save one with np.save or np.savez(x=..., y=...)")
    x, y = by_split.get(split) or next(iter(by_split.values()))
    try:
        return arrays[x], arrays[y] if y else None
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path} cannot be read ({brief(error)}); save it again as numbers, without Python"
            " objects"
        ) from None


def _open(path: Path) -> Any:
    """Arrays by name, each read when it is asked for. Raises `UserError`."""
    try:
        content = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path} cannot be read ({brief(error)}); save it again as numbers, without Python"
            " objects"
        ) from None
    return {"x": content} if isinstance(content, np.ndarray) else content


def _keys_by_split(names: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    """The keys of values and labels, by split."""
    groups: dict[str, dict[str, str]] = {}
    for key in names:
        words = key.lower().split("_")
        split = next((meaning(word) for word in words if is_split(word)), "")
        base = "_".join(word for word in words if not is_split(word))
        groups.setdefault(split, {})[base] = key
    return {
        split: (x, _first(group, _LABELS))
        for split, group in groups.items()
        if (x := _values_key(group)) is not None
    }


def _values_key(group: dict[str, str]) -> str | None:
    return _first(group, _VALUES) or next(
        (key for base, key in group.items() if base not in _LABELS), None
    )


def _first(group: dict[str, str], names: Iterable[str]) -> str | None:
    return next((group[name] for name in names if name in group), None)
