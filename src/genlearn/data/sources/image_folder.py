"""Folders and archives of images: which files belong to which split, and which class each is of.

``root/train/cat/1.png`` is image 1 of class cat in split train. A folder that holds nothing but one
folder stands for that one. Folders are classes where every image lies in one of at least two;
images lying both beside and inside folders have no classes.

This reads folders itself rather than through ``datasets``: that gives up on a whole folder for one
file that ``metadata.csv`` does not name, and copies the list of files and their bytes into a cache
of its own first.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property
from posixpath import splitext

from ...core.errors import UserError
from ..dataset import Dataset
from ..open.file_tree import SUFFIXES, FileTree, suffix
from ..open.labels import encode
from ..open.metadata import DESCRIPTIONS, SidecarMetadata, describe
from ..open.options import Options
from ..prepare.cache import key_of
from ..prepare.image_source import ImageBatchSource
from ..prepare.prepare import prepare
from .base import Source, is_split

_SHOWN = 3


@dataclass(frozen=True)
class ImageFolderSource(Source):
    """Images in a tree of folders."""

    tree: FileTree

    def splits(self) -> list[str]:
        tops = {name.split("/")[0] for name in self._inner if "/" in name}
        whole = (
            tops and all(is_split(top) for top in tops) and all("/" in name for name in self._inner)
        )
        return (
            sorted(tops, key=lambda top: (not top.lower().startswith("train"), top))
            if whole
            else []
        )

    def read(self, split: str | None, options: Options) -> Dataset:
        prefix = self._root + (f"{split}/" if split else "")
        names = [name for name in self.tree.images if name.startswith(prefix)]
        described = _classes(names, describe(self.tree, names, options.label))
        files = [facts for facts in self.tree.files if facts[0].startswith(prefix)]
        pictures = ImageBatchSource(
            place=f"{self.tree.place}{f' ({split})' if split else ''}",
            names=names,
            payloads=lambda: self.tree.payloads(names),
            key=key_of((self.tree.place.absolute(), split, *files)),
            labels=described.labels,
            classes=described.classes,
            captions=described.captions,
            notes=(*described.notes, *self._ignored(files)),
        )
        return prepare(pictures, options)

    @cached_property
    def _root(self) -> str:
        return common_folder(self.tree.images)

    @cached_property
    def _inner(self) -> list[str]:
        return [name[len(self._root) :] for name in self.tree.images]

    def _ignored(self, files: list[tuple[str, int, int]]) -> list[str]:
        others = [name for name, _, _ in files if suffix(name) not in SUFFIXES]
        stems = {splitext(name)[0] for name in self.tree.images} if others else set()
        strange = [
            name
            for name in others
            if posixpath.basename(name).lower() not in DESCRIPTIONS
            and splitext(name)[0] not in stems
        ]
        shown = ", ".join(strange[:_SHOWN]) + (", ..." if len(strange) > _SHOWN else "")
        return [f"{len(strange)} other files not read: {shown}"] if strange else []


def common_folder(names: list[str]) -> str:
    """The folder that all of ``names`` lie in, with its ``/``, ending before one that is named as a
    split."""
    if not names:
        return ""
    first, last = min(names).split("/")[:-1], max(names).split("/")[:-1]
    shared = ""
    for a, b in zip(first, last, strict=False):
        if a != b or is_split(a):
            break
        shared += f"{a}/"
    return shared


def _classes(names: list[str], described: SidecarMetadata) -> SidecarMetadata:
    """Add classes by folder where no other labels were found."""
    if described.labels is not None:
        return described
    root = _deepest(names)
    inner = [name[len(root) :] for name in names]
    folders = {name.partition("/")[0] for name in inner if "/" in name}
    if len(folders) < 2:
        return described
    if any("/" not in name for name in inner):
        return SidecarMetadata(
            captions=described.captions,
            notes=(*described.notes, "no classes: some images lie outside the sub-folders"),
        )
    labels, classes = encode([name.partition("/")[0] for name in inner]) or (None, ())
    return SidecarMetadata(labels, classes, described.captions, described.notes)


def _deepest(names: list[str]) -> str:
    split = common_folder(names)
    inner = [name[len(split) :] for name in names]
    tops = {name.split("/")[0] for name in inner if "/" in name}
    if len(tops) == 1 and is_split(top := next(iter(tops))) and all("/" in name for name in inner):
        return f"{split}{top}/" + common_folder([name.partition("/")[2] for name in inner])
    return split


def images_in(tree: FileTree) -> ImageFolderSource:
    """The images of ``tree``. Raises `UserError` where there are none."""
    if tree.images:
        return ImageFolderSource(tree)
    given = (
        f"{tree.place} holds {len(tree.files)} files but no images"
        if tree.files
        else f"{tree.place} is empty"
    )
    raise UserError(
        f"{given}; put png, jpg, webp, tif... files, a csv or parquet table, npz or IDX files there"
    )
