"""Data at an address, as units that are fetched one at a time and let go of.

What is learned from is prepared first, so that the disk holds the prepared form and one file of the
rest, and no step of a training waits for a network.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from ...core.disk.locks import Lock
from ...core.errors import UserError
from ..beside.tables import is_table
from ..dataset import Dataset
from ..folders.names import some
from ..open.file_tree import suffix
from ..open.options import WRITTEN, Options
from ..open.path_dispatch import ARCHIVE, by_split
from ..prepare.cache import key_of, root
from ..shards.units import Unit, Units, has_images
from ..sources.base import Source, choose
from .fetching import IMAGES, RemoteFile, fetched, kind_of_name, listed

_TOGETHER = 1000  # images that are fetched at a time


@dataclass(frozen=True)
class RemoteSource(Source):
    """What ``address`` names."""

    address: str

    def splits(self) -> list[str]:
        return [split for split in self._groups if split]

    def written(self) -> tuple[str, ...]:
        return WRITTEN

    def read(self, split: str | None, options: Options) -> Dataset:
        from ..shards.source import PreparedSource
        from ..shards.whole import prepare_whole

        asked = (split, options.size, options.label, options.written)
        key = key_of((self.address, *asked, *(file.mark for file in self._files)))
        place = root() / "remote" / key
        options.tell(f"{self.address} is prepared first, in {place} (once), and read from there")
        with Lock(place.with_name(f".{key}.lock"), str(place), wait=True):
            prepare_whole(self.address, place, split, replace(options, store=None))
        there = replace(options, resolution=None, label=None)
        return PreparedSource(place).read(None, there)

    def units(self, split: str | None) -> Units:
        """What of it is fetched at a time."""
        names = self._groups.get(choose(split, self.splits()) or "", None)
        chosen = [self._by_name[name] for name in names] if names else [*self._chosen]
        rest = sorted({file.name for file in self._files} - {file.name for file in self._chosen})
        notes = (f"{len(rest)} other files not read: {some(rest)}",) if rest else ()
        inside = split if split and not self.splits() else None
        groups = self._grouped(chosen)
        units = (_unit(files, len(groups) == 1, inside) for files in groups)
        return Units(self.address, tuple(units), notes)

    def _grouped(self, files: list[RemoteFile]) -> list[list[RemoteFile]]:
        if self._kind == ARCHIVE:
            return [[file] for file in files]
        if self._kind == IMAGES:
            return _stems_together(files)
        if self._kind == ".parquet" and len(files) > 1:
            with fetched(files[:1]) as first:
                images = has_images(first)
            return [[file] for file in files] if images else [files]
        return [files]

    @cached_property
    def _files(self) -> list[RemoteFile]:
        return listed(self.address)

    @cached_property
    def _kind(self) -> str:
        """The commonest kind of file that can be read."""
        counted = Counter(kind for file in self._files if (kind := kind_of_name(file.name)))
        if not counted:
            raise UserError(
                f"{self.address} holds nothing that can be read"
                f" ({some([file.name for file in self._files])}); give tar, parquet, csv, npy... or"
                " a folder of images"
            )
        return max(counted, key=lambda kind: (counted[kind], kind))

    @cached_property
    def _chosen(self) -> list[RemoteFile]:
        files = [file for file in self._files if kind_of_name(file.name) == self._kind]
        if self._kind != IMAGES:
            return files
        if tables := [file.name for file in self._files if is_table(file.name)]:
            raise UserError(
                f"{self.address} has {tables[0]} beside its images, which are fetched a few at a"
                " time; pack them as tar with a .txt or .cls beside each, or as parquet"
            )
        beside = (".txt", ".caption", ".cls", ".json")
        return sorted(
            [*files, *(file for file in self._files if suffix(file.name) in beside)],
            key=lambda file: file.name,
        )

    @cached_property
    def _by_name(self) -> dict[str, RemoteFile]:
        return {file.name: file for file in self._chosen}

    @cached_property
    def _groups(self) -> dict[str, list[str]]:
        """Names by the split that they tell."""
        if self._kind == IMAGES:
            return {"": [*self._by_name]}
        paths = by_split([Path("/", name) for name in self._by_name])
        return {
            split: [path.as_posix().lstrip("/") for path in group] for split, group in paths.items()
        }


def remote_units(address: str, split: str | None) -> Units:
    """The units of what ``address`` names."""
    return RemoteSource(address).units(split)


def _unit(files: list[RemoteFile], alone: bool, split: str | None) -> Unit:
    marks = key_of(f"{file.name} {file.mark}" for file in files)
    name = "" if alone else files[0].name
    return Unit(name, marks, partial(fetched, files), split)


def _stems_together(files: list[RemoteFile]) -> list[list[RemoteFile]]:
    """Files in groups, an image with what is said of it."""
    groups: list[list[RemoteFile]] = [[]]
    for file in files:
        last = groups[-1][-1] if groups[-1] else file
        same = posixpath.splitext(last.name)[0] == posixpath.splitext(file.name)[0]
        if len(groups[-1]) >= _TOGETHER and not same:
            groups.append([])
        groups[-1].append(file)
    return groups
