"""Archives of images: zip files, and tar files as webdataset writes them, one or several. Nothing
is unpacked to disk."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from ...core.errors import UserError
from ...core.text import writable
from ..dataset import Dataset
from ..folders.several import joined
from ..folders.tar_tree import scan_tar
from ..folders.zip_tree import scan_zip
from ..open.file_tree import FileTree
from ..open.options import Options
from .base import Source, brief
from .image_folder import ImageFolderSource, images_in


@dataclass(frozen=True)
class Archives(Source):
    """Archives by split, '' where their names tell none."""

    files: dict[str, list[Path]]

    def splits(self) -> list[str]:
        outside = [split for split in self.files if split]
        return outside or self.images("").splits()

    def read(self, split: str | None, options: Options) -> Dataset:
        own = split in self.files
        return self.images(split).read(None if own else split, options)

    def images(self, split: str | None) -> ImageFolderSource:
        """The images of the archives of ``split``, or of all."""
        return self._inside(tuple(path for group in self._of(split) for path in group))

    def _of(self, split: str | None) -> list[list[Path]]:
        return [self.files[split]] if split in self.files else [*self.files.values()]

    @cached_property
    def _inside(self) -> Callable[[tuple[Path, ...]], ImageFolderSource]:
        """What the last files that were asked for hold; looking through them takes long."""
        return lru_cache(1)(lambda paths: images_in(_together(paths)))


def _together(paths: tuple[Path, ...]) -> FileTree:
    """The archives as one tree. One that cannot be unpacked costs itself."""
    folder = Path(os.path.commonpath([path.parent for path in paths]))
    trees: dict[str, FileTree] = {}
    bad: list[str] = []
    for path in paths:
        try:
            scan = scan_zip if zipfile.is_zipfile(path) else scan_tar
            trees[path.relative_to(folder).as_posix()] = scan(path)
        except Exception as error:  # a damaged archive makes its readers raise anything
            bad.append(str(error) if isinstance(error, UserError) else _sorry(path, error))
    if not trees:
        raise UserError(bad[0])
    if len(paths) == 1:
        return trees[paths[0].name]
    return joined(folder, trees, tuple(bad))


def _sorry(path: Path, error: Exception) -> str:
    return f"{writable(str(path))} cannot be unpacked ({brief(error)}); fetch or pack it again"
