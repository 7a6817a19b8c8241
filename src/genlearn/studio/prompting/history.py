"""All that was drawn from a run, with its settings.

RUN.jsonl         a line for each drawing and each removal, only ever appended to
RUN/DRAWING.zip   its images, the sheet, what it started from, and settings.json

Of very many the oldest go. Lines that a killed process has cut short are passed over.
"""

from __future__ import annotations

import io
import os
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path

import msgspec
from starlette.exceptions import HTTPException

from ...core.disk.atomic import wrap_os_errors, write_bytes
from .asked import Asked, Value

KEPT = 200  # drawings of a run
_LONGEST = 8  # lines, for each drawing that is kept, after which the file is written anew
_lock = threading.Lock()


class Entry(msgspec.Struct, frozen=True, tag="drawn"):
    """A drawing: what was ``asked``, the ``options`` it came to, when, and of which ``weights``
    (their digest, after ``steps`` steps). ``count`` images of ``height`` and ``width``; ``told``
    has a sentence for each word that no caption knows."""

    id: str
    at: float
    asked: Asked
    options: dict[str, Value]
    steps: int
    weights: str
    count: int
    height: int
    width: int
    seconds: float
    told: list[str] = []


class _Removed(msgspec.Struct, frozen=True, tag="removed"):
    id: str


@dataclass(frozen=True)
class History:
    """That of the run called ``run`` by its id, in the folder ``place``."""

    place: Path
    run: str

    def entries(self) -> list[Entry]:
        """Those that were not removed, the latest first."""
        return list(reversed(self._read().values()))

    def entry(self, id: str) -> Entry:
        """Raises a 404 where there is none."""
        found = self._read().get(id)
        if found is None:
            raise HTTPException(404)
        return found

    def add(self, entry: Entry, files: dict[str, bytes]) -> None:
        """Keep a drawing and its ``files``. Raises `UserError` where they cannot be written."""
        with _lock:
            write_bytes(self.archive(entry.id), _zipped(files))
            self._append(entry)
            known = self._read()
            for old in list(known)[: max(0, len(known) - KEPT)]:
                self._forget(old)
            self._shorten()

    def remove(self, id: str) -> None:
        """Raises a 404 where there is none."""
        with _lock:
            self._forget(self.entry(id).id)

    def archive(self, id: str) -> Path:
        """The file of a drawing, whose ``id`` is one that was found."""
        return self.place / self.run / f"{id}.zip"

    def file(self, id: str, name: str) -> bytes:
        """One of the files of a drawing. Raises a 404 where there is none."""
        try:
            with zipfile.ZipFile(self.archive(self.entry(id).id)) as files:
                return files.read(name)
        except (OSError, KeyError, zipfile.BadZipFile):
            raise HTTPException(404) from None

    @property
    def _lines(self) -> Path:
        return self.place / f"{self.run}.jsonl"

    def _read(self) -> dict[str, Entry]:
        """Those that were not removed, by id, the oldest first."""
        found: dict[str, Entry] = {}
        for line in self._lines.read_bytes().split(b"\n") if self._lines.is_file() else ():
            try:
                one = msgspec.json.decode(line, type=Entry | _Removed)
            except msgspec.DecodeError:
                continue
            if isinstance(one, Entry):
                found[one.id] = one
            else:
                found.pop(one.id, None)
        return found

    def _append(self, line: Entry | _Removed) -> None:
        with wrap_os_errors(self._lines), self._lines.open("ab") as file:
            file.write(b"\n" * (file.tell() > 0) + msgspec.json.encode(line))
            file.flush()
            os.fsync(file.fileno())

    def _forget(self, id: str) -> None:
        self._append(_Removed(id))
        self.archive(id).unlink(missing_ok=True)

    def _shorten(self) -> None:
        if self._lines.read_bytes().count(b"\n") > _LONGEST * KEPT:
            lines = map(msgspec.json.encode, self._read().values())
            write_bytes(self._lines, b"\n".join(lines))


def _zipped(files: dict[str, bytes]) -> bytes:
    """An archive of ``files``, equal for equal ones."""
    with zipfile.ZipFile(content := io.BytesIO(), "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return content.getvalue()
