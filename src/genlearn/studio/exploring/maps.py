"""The maps of all runs: made when somebody asks, one at a time and in the background, then read
from files; and the examples behind their points."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...core.errors import UserError, exhausted, first_line
from ...data import Dataset
from ..held import Held
from ..library.library import Library
from ..library.origins import open_origin
from ..library.runs import RunFolder
from .map_files import MapFiles, place_of, read_map

Tell = Callable[[str, int, int], None]  # what is done, how much of it, of how much
_HELD = 4
_NICE = 10  # how far a map gives way to a training
log = logging.getLogger("genlearn.studio")


@dataclass(frozen=True)
class Making:
    """How far the making of something is: ``what`` is being done, ``done`` of ``total`` where it
    can be told, and the ``problem`` that ended it."""

    what: str = "Waiting for another map"
    done: int = 0
    total: int = 0
    problem: str = ""
    ended: bool = False


@dataclass
class Maps:
    """The maps of runs in a ``library``."""

    library: Library
    _making: dict[str, Making] = field(default_factory=dict)
    _maps: Held[MapFiles] = field(default_factory=lambda: Held(_HELD))
    _places: Held[Path] = field(default_factory=lambda: Held(_HELD))
    _data: Held[Dataset] = field(default_factory=lambda: Held(_HELD))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def get(self, run: RunFolder) -> MapFiles | None:
        """The map of ``run`` as it has learned by now, if it is there."""
        if not run.usable:
            return None
        place = self._place(run)
        return self._maps.get(place, lambda: read_map(place, run))

    def need(self, run: RunFolder) -> MapFiles:
        """As `get`. Raises `UserError` where there is none."""
        if (found := self.get(run)) is None:
            raise UserError(f"{run.name} has no map, or has learned on; load its page again")
        return found

    def data(self, run: RunFolder) -> Dataset:
        """The examples that ``run`` learned from. Raises `UserError` where they are gone."""
        key = f"{run.id} {run.data['fingerprint']} {run.data['source']}"
        found = self._data.get(key, lambda: open_origin(self.library, run))
        assert found is not None
        return found

    def making(self, run: RunFolder, view: str) -> Making | None:
        """How far its map is, or what a ``view`` adds to it; None where nobody has asked."""
        return self._making.get(f"{run.id} {view}")

    def make(self, run: RunFolder, view: str) -> None:
        """Begin to make the map of ``run``, or to add the ``view`` "tsne" to it."""
        key = f"{run.id} {view}"
        with self._lock:
            there = self._making.get(key)
            if there is not None and not there.ended:
                return
            self._making[key] = Making()
        threading.Thread(target=self._make, args=(run, view, key), daemon=True).start()

    def _place(self, run: RunFolder) -> Path:
        """Where its map is; that is asked again and again while its weights are the same."""
        facts = run.run.weights.stat()
        key = f"{run.id} {run.updated} {facts.st_mtime_ns} {facts.st_size}"
        found = self._places.get(key, lambda: place_of(self.library, run))
        assert found is not None
        return found

    def _make(self, run: RunFolder, view: str, key: str) -> None:
        _give_way()

        def tell(what: str, done: int, total: int) -> None:
            self._making[key] = Making(what, done, total)

        with self._turn:
            problem = _attempt(lambda: self._made(run, view, tell), f"the map of {run.name}")
        self._making[key] = replace(self._making[key], problem=problem, ended=True)

    def _made(self, run: RunFolder, view: str, tell: Tell) -> None:
        from .make_map import make_map, make_tsne

        if view == "tsne":
            make_tsne(self.need(run), tell)
        elif self.get(run) is None:
            make_map(self.library, run, tell)


def _attempt(work: Callable[[], None], what: str) -> str:
    """Why ``work`` could not be done; nothing where it is."""
    try:
        work()
    except UserError as error:
        return str(error)
    except Exception as error:
        if lack := exhausted(error):
            return lack
        log.error("%s", what, exc_info=error)
        return f"{type(error).__name__}: {first_line(error)}. This is a defect of genlearn."
    return ""


def _give_way() -> None:
    """Let this thread, and those that it starts, run when others do not."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
