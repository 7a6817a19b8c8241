"""A tar file as a tree, read from front to back, whatever it is packed with. Of what lies beside
the images only small texts are kept in memory."""

from __future__ import annotations

import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from ...core.errors import UserError, first_line
from ..open.file_tree import TEXT_BYTES, FileTree, suffix
from ..prepare.open_image import Payload, Unreadable
from .ceiling import Ceiling
from .names import hidden_part, member_name, size_of
from .zip_tree import IMAGE_BYTES, archive_notes, too_large

ENDS_EARLY = (OSError, EOFError, tarfile.TarError, zlib.error, lzma.LZMAError)
_ENDS = "the archive ends before it"
_TEXTS = frozenset((".txt", ".caption", ".cls", ".json", ".jsonl", ".csv", ".tsv"))


@final
@dataclass(frozen=True)
class TarTree(FileTree):
    """``order``: where each member comes in the file. ``places``: at which byte each begins, where
    the file is not packed and can be read anywhere. ``texts``: contents of the small ones."""

    order: dict[str, int] = field(default_factory=dict, repr=False)
    places: dict[str, int] = field(default_factory=dict, repr=False)
    texts: dict[str, bytes] = field(default_factory=dict, repr=False)

    def payloads(self, names: list[str]) -> Iterator[Payload]:
        return self._anywhere(names) if self.places else self._in_turn(names)

    def content(self, name: str) -> bytes:
        return self.texts[name]

    def _anywhere(self, names: list[str]) -> Iterator[Payload]:
        with self.place.open("rb") as file:
            for name in names:
                size = self.sizes[name]
                if size > IMAGE_BYTES:
                    yield too_large(size)
                    continue
                file.seek(self.places[name])
                content = file.read(size)
                yield content if len(content) == size else Unreadable(_ENDS)

    def _in_turn(self, names: list[str]) -> Iterator[Payload]:
        waiting = sorted(self.order[name] for name in names)[::-1]
        try:
            with tarfile.open(self.place) as archive:
                for number, member in enumerate(archive):
                    if waiting and number == waiting[-1]:
                        yield _payload(archive, member)
                        waiting.pop()
                    if not waiting:
                        return
        except ENDS_EARLY:
            pass
        yield from [Unreadable(_ENDS)] * len(waiting)


def scan_tar(path: Path) -> TarTree:
    """The files in a tar archive, in the order they lie there; of equal names the last counts, as
    when they are unpacked. Raises `UserError` where their texts would fill the memory, and where
    they announce too much."""
    order: dict[str, int] = {}
    sizes: dict[str, int] = {}
    texts: dict[str, bytes] = {}
    places: dict[str, int] = {}
    left_out: dict[str, list[str]] = {"hidden": [], "link": [], "twice": []}
    kept, ends, ceiling = 0, "", Ceiling(path)
    with tarfile.open(path) as archive:
        plain = isinstance(archive.fileobj, io.BufferedReader)
        try:
            for number, member in enumerate(archive):
                name = member_name(member.name)
                ceiling.add(member.size)
                if part := hidden_part(name):
                    left_out["hidden"].append(part)
                elif not member.isfile():
                    left_out["link"] += [] if member.isdir() else [name]
                else:
                    left_out["twice"] += [name] if name in order else []
                    order[name], sizes[name] = number, member.size
                    places[name] = member.offset_data
                    plain = plain and not member.issparse()
                    if suffix(name) in _TEXTS:
                        kept += member.size
                        texts[name] = _text(archive, member, path, kept)
        except ENDS_EARLY as error:
            if not order:
                raise
            ends = f"{path.name} ends too early ({first_line(error)}): what lay behind is lost"
    changed = path.stat().st_mtime_ns
    files = [(name, sizes[name], changed) for name in sorted(order, key=lambda name: order[name])]
    notes = (*archive_notes(path, left_out), *([ends] if ends else []))
    return TarTree(path, files, notes, (), order, places if plain else {}, texts)


def _payload(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | Unreadable:
    if member.size > IMAGE_BYTES:
        return too_large(member.size)
    file = archive.extractfile(member)
    return file.read(IMAGE_BYTES) if file else b""


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, kept: int) -> bytes:
    if kept > TEXT_BYTES:
        raise UserError(
            f"the texts in {path} ask for more than {size_of(TEXT_BYTES)}; unpack it and give the"
            " folder"
        )
    file = archive.extractfile(member)
    return file.read(TEXT_BYTES) if file else b""
