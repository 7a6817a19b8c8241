"""Images in folders and archives, with the labels and captions that lie beside them.

Splits and classes are told by folders (`layout`). Folders are classes where every image lies in one
of at least two, and no other labels are there; images lying both beside and inside folders have no
classes. Whatever lies there and is not read is named.

This reads folders itself rather than through ``datasets``: that gives up on a whole folder for one
file that ``metadata.csv`` does not name, and copies the list of files and their bytes into a cache
of its own first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from ...core.errors import UserError
from ...core.text import writable
from ..dataset import Dataset
from ..folders.layout import Layout, class_folders, find_layout, splits_first
from ..folders.names import some
from ..open.file_tree import SUFFIXES, FileTree, suffix
from ..open.labels import encode
from ..open.metadata import SidecarMetadata, describe
from ..open.options import Options
from ..prepare.cache import key_of
from ..prepare.image_source import ImageBatchSource
from ..prepare.open_image import Payload
from ..prepare.prepare import prepare
from .base import Source, meaning


@dataclass(frozen=True)
class ImageFolderSource(Source):
    """Images in a tree of folders."""

    tree: FileTree

    def splits(self) -> list[str]:
        return list(self._layout.tops)

    def read(self, split: str | None, options: Options) -> Dataset:
        names = [name for name in self.tree.images if split in (None, self._split(name))]
        described = describe(self.tree, names, options.label)
        said = described.labels is not None or described.unlabelled
        found = described if said else self._with_classes(names, described)
        wanted = {*names}
        files = [facts for facts in self.tree.files if facts[0] in wanted]
        pictures = ImageBatchSource(
            place=writable(f"{self.tree.place}{f' ({split})' if split else ''}"),
            names=[writable(name) for name in names],
            payloads=lambda: self.tree.payloads(names),
            key=key_of((self.tree.place.absolute(), split, *files)),
            labels=found.labels,
            classes=tuple(map(writable, found.classes)),
            captions=found.captions,
            notes=(*found.notes, *self._unread(split, found), *self.tree.notes),
            splits=self._layout.tops,
            folders=None if said else lambda: [self._inner(n).rpartition("/")[0] for n in names],
        )
        return prepare(pictures, options)

    def files(self, split: str | None) -> Iterator[tuple[str, Payload]]:
        """The name and content of each image of ``split``, or of all, as it is."""
        names = [name for name in self.tree.images if split in (None, self._split(name))]
        return zip(map(writable, names), self.tree.payloads(names), strict=True)

    def left_out(self) -> tuple[str, ...]:
        """A line for each thing that lies there and is no image that can be read."""
        others = [name for name in self.tree.sizes if suffix(name) not in SUFFIXES]
        line = (f"{len(others)} other files not read: {some(others)}",) if others else ()
        return (*line, *self.tree.notes)

    @cached_property
    def _logical(self) -> dict[str, str]:
        names = [name for name, _, _ in self.tree.files]
        logical = splits_first([self.tree.logical(name) for name in names])
        return dict(zip(names, logical, strict=True))

    @cached_property
    def _layout(self) -> Layout:
        return find_layout(self._logical[name] for name in self.tree.images)

    def _split(self, name: str) -> str | None:
        return self._layout.split_of(self._logical[name])

    def _inner(self, name: str) -> str:
        return self._layout.inner(self._logical[name])

    def _unread(self, split: str | None, found: SidecarMetadata) -> list[str]:
        """Lines on what is in no split, and on files that are no images."""
        notes = []
        outside = [name for name in self.tree.images if split and self._split(name) is None]
        if outside:
            folders = ", ".join(f"{top}/" for top in self._layout.tops)
            notes.append(f"{len(outside)} images outside {folders} not read: {some(outside)}")
        namesakes = [t for t in self._layout.tops if split and t != split and _same(t, split)]
        if namesakes:
            notes.append(f"{split}/ is read; not read, though called alike: {some(namesakes)}")
        others = [
            name
            for name, _, _ in self.tree.files
            if suffix(name) not in SUFFIXES
            and name not in found.read
            and (split is None or self._split(name) in (None, split))
        ]
        if others:
            notes.append(f"{len(others)} other files not read: {some(others)}")
        return notes

    def _with_classes(self, names: list[str], found: SidecarMetadata) -> SidecarMetadata:
        """Add classes by folder, where there are any."""
        inner = [*map(self._inner, names)]
        root, folders = class_folders(inner)
        if len({*folders} - {""}) < 2:
            return found
        if "" in folders:
            note = "no classes: some images lie outside the sub-folders"
            return replace(found, notes=(*found.notes, note))
        labels, classes = encode(folders) or (None, ())
        bare = self._empty_folders(names, root)
        notes = (f"{len(bare)} folders are empty: {some(bare)}",) if bare else ()
        return replace(found, labels=labels, classes=classes, notes=(*found.notes, *notes))

    def _empty_folders(self, names: list[str], root: str) -> list[str]:
        """Folders that lie where those of the classes of ``names`` do, and hold no file."""
        splits = {name.removesuffix(self._layout.inner(self._logical[name])) for name in names}
        places = {(split + root).count("/"): split + root for split in splits}
        full = {f"{name.rpartition('/')[0]}/" for name, _, _ in self.tree.files}
        return [
            folder
            for folder in self.tree.folders
            if folder.startswith(places.get(folder.count("/") - 1, "/"))
            and not any(other.startswith(folder) for other in full)
        ]


def _same(one: str, other: str) -> bool:
    return meaning(one) == meaning(other)


def images_in(tree: FileTree) -> ImageFolderSource:
    """The images of ``tree``. Raises `UserError` where there are none."""
    if tree.images:
        return ImageFolderSource(tree)
    place = writable(str(tree.place))
    count = len(tree.files)
    given = f"{place} holds {count} files but no images" if count else f"{place} is empty"
    left_out = f" ({'; '.join(tree.notes)})" if tree.notes else ""
    raise UserError(
        f"{given}{left_out}; put png, jpg, webp, tif... files, a csv or parquet table, npz or IDX"
        " files there"
    )
