"""Inspections of a studio: one worker at a time, shared by all pages that wait for it, and findings
that are kept until the data changes."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from ...core.disk.durable import UNFINISHED, remove
from ...core.errors import UserError
from ...core.spec import DataSpec
from ..library.datasets import DataSource
from ..library.library import Library
from ..library.reading import Reading, remembered
from .findings import DOCUMENT, FORMAT, Choices, Findings, read_findings, read_spec
from .fingerprint import fingerprint, place_of
from .process import Event, Task, Workshop

log = logging.getLogger("genlearn.studio")
_KEPT = 500  # findings, of the data that was looked at last


@dataclass
class Look:
    """How the inspection of a source stands. ``folder`` has what was found, once it is there;
    ``problem`` says why it is not going to be. ``total`` 0, ``choices`` None: not known."""

    key: str
    begun: bool = False
    said: str = ""
    done: int = 0
    total: int = 0
    choices: Choices | None = None
    problem: str = ""
    folder: Path | None = None

    @property
    def running(self) -> bool:
        """Whether it is worth waiting."""
        return self.begun and self.folder is None and not self.problem

    @property
    def findings(self) -> Findings | None:
        return findings_in(self.folder) if self.folder else None


class Inspector:
    """Looks into the data of ``library``. Its methods take time for much data: call them in a
    thread."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.place = library.own / "inspected"
        self._lock = threading.Lock()
        self._looks: dict[str, Look] = {}  # by source, the latest
        self.workshop = Workshop(self.place / ".log")
        self._at_work: Look | None = None
        self._closed = False
        self._pool = ThreadPoolExecutor(1, "inspection")

    @contextmanager
    def running(self) -> Iterator[None]:
        """At the end, so ends what is looked at."""
        try:
            yield
        finally:
            with self._lock:
                self._closed = True
            self._pool.shutdown(wait=False, cancel_futures=True)
            self.workshop.close()
            self._pool.shutdown()

    def look(self, source: DataSource) -> Look:
        """How it stands with ``source`` as it is now; begins nothing."""
        reading = _digest(remembered(self.library, source))
        known = self._looks.get(source.id)
        if known and known.running and known.key.startswith(reading):
            return known
        key = f"{reading}{fingerprint(source)}"
        if known and known.problem and known.key == key:
            return known
        folder = self.place / f"{source.id}-{key}"
        return Look(key, folder=folder if findings_in(folder) else None)

    def begin(self, source: DataSource) -> Look:
        """Look at ``source``, unless that was done or is being done; after a failure, again."""
        with self._lock:
            now = self.look(source)
            if now.folder or now.running or self._closed:
                return now
            if (old := self._looks.get(source.id)) is not None and old is self._at_work:
                self.workshop.stop()  # it was read in another way
            fresh = self._looks[source.id] = Look(now.key, begun=True, said="waiting")
            self._pool.submit(self._run, source, remembered(self.library, source), fresh)
        return fresh

    def prepare(self) -> None:
        """Get ready to look, since somebody is about to ask."""
        with self._lock:
            if not self._closed:
                self.workshop.warm()

    def kept(self, source: DataSource) -> Path | None:
        """Where the latest findings on ``source`` are, which may have changed since."""
        return max(self.place.glob(f"{source.id}-*"), key=_time, default=None)

    def spec(self, source: DataSource) -> DataSpec | None:
        """What models take ``source`` for, by the latest findings; None where there are none."""
        folder = self.kept(source)
        return read_spec(folder) if folder else None

    def latest(self) -> dict[str, Path]:
        """Folders of findings by the id of their source, which may have changed since."""
        found: dict[str, Path] = {}
        with suppress(OSError):
            for entry in sorted(os.scandir(self.place), key=lambda one: one.stat().st_mtime):
                if not entry.name.startswith("."):
                    found[entry.name.partition("-")[0]] = Path(entry.path)
        return found

    def _run(self, source: DataSource, reading: Reading, look: Look) -> None:
        folder = self.place / f".{source.id}.{secrets.token_hex(8)}{UNFINISHED}"
        try:
            folder.mkdir(parents=True)
            with self._lock:
                if self._closed or self._looks.get(source.id) is not look:
                    raise UserError("other choices were made meanwhile; look again")
                self._at_work = look
            at = str(place_of(source) or source.text)
            self.workshop.do(Task(at, reading, str(folder)), lambda event: _note(look, event))
            look.folder = self._keep(source, look.key, folder)
        except UserError as error:
            look.problem = str(error)
        except OSError as error:
            look.problem = f"what was found could not be kept ({error.strerror}); free some space"
        except Exception as error:
            log.exception("inspection of %s", source.text)
            look.problem = f"{type(error).__name__}: {error}. This is a defect of genlearn."
        finally:
            self._at_work = None
            with suppress(OSError):
                remove(folder)

    def _keep(self, source: DataSource, key: str, folder: Path) -> Path:
        """What is in ``folder`` in its place, and earlier findings of the source removed."""
        if read_findings(folder) is None:
            raise UserError("what was found is damaged; look again")
        final = self.place / f"{source.id}-{key}"
        if final.exists():
            remove(final)
        os.replace(folder, final)
        others = [path for path in self.place.glob(f"{source.id}-*") if path != final]
        oldest = list(self.latest().values())[:-_KEPT]
        for path in {*others, *oldest}:
            with suppress(OSError):
                remove(path)
        return final


def findings_in(folder: Path) -> Findings | None:
    """Those that are kept in ``folder``, read once."""
    try:
        return _findings(folder, (folder / DOCUMENT).stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(64)
def _findings(folder: Path, changed: int) -> Findings | None:
    return read_findings(folder)


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # removed meanwhile
        return 0.0


def _digest(reading: Reading) -> str:
    return blake2b(f"{FORMAT}".encode() + msgspec.json.encode(reading), digest_size=6).hexdigest()


def _note(look: Look, event: Event) -> None:
    look.said = event.said or look.said
    look.done, look.total = event.done or look.done, event.total or look.total
    look.choices = event.choices or look.choices
