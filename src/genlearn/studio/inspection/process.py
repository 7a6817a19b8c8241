"""The process that looks into data, from the outside: asked for one set after another, heard while
it is at work, and ended where that takes too long."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from ...core.errors import UserError
from ..library.reading import Reading
from .findings import Choices
from .limits import CPU_SECONDS, WALL_SECONDS

_LONGEST = 1 << 16  # bytes of a line
_TOO_LONG = "give fewer or smaller files, or choose a resolution"


class Event(msgspec.Struct, frozen=True):
    """What is told of a task: who has it, how far it is, what it has found or was stopped by, and
    the code that its process has ``ended`` with."""

    process: int = 0
    said: str = ""
    done: int = 0
    total: int = 0
    choices: Choices | None = None
    found: bool = False
    problem: str = ""
    ended: int | None = None


Hear = Callable[[Event], Any]


class Task(msgspec.Struct, frozen=True):
    """Data ``at`` a place, to be read as in ``reading``; findings go into ``folder``."""

    at: str
    reading: Reading
    folder: str


class Workshop:
    """Workers, one at a time; what they complain of goes to ``log``."""

    def __init__(self, log: Path, limit: float = WALL_SECONDS) -> None:
        self.log, self.limit = log, limit
        self._host: subprocess.Popen[bytes] | None = None
        self._worker, self._stopped = 0, False
        self._starting = threading.Lock()

    def warm(self) -> subprocess.Popen[bytes]:
        """Load what workers need, so that the first need not."""
        with self._starting:
            if self._host is None or self._host.poll() is not None:
                self._host = self._started()
            return self._host

    def do(self, task: Task, hear: Hear) -> None:
        """Until ``task`` is done; ``hear`` gets its events. Raises `UserError`, with what went
        wrong, where it is not done."""
        self._stopped, late = False, threading.Event()

        def end() -> None:
            late.set()
            self.stop()

        timer = threading.Timer(self.limit, end)
        timer.daemon = True
        timer.start()
        try:
            events = self._events(task, hear)
            if not events and not self._stopped:  # the host had just ended, having had no tasks
                events = self._events(task, hear)
        finally:
            timer.cancel()
            self._worker = 0
        problem = next((event.problem for event in events if event.problem), "")
        ended = next((event.ended for event in events if event.ended is not None), None)
        if problem or late.is_set() or not any(event.found for event in events):
            raise UserError(problem or self._why(ended, late.is_set()))

    def stop(self) -> None:
        """End what is at work, and all that it has started."""
        self._stopped = True
        host, worker = self._host, self._worker
        with suppress(OSError):
            if worker and sys.platform != "win32":
                os.killpg(worker, signal.SIGKILL)
            elif host:
                host.kill()

    def close(self) -> None:
        """End all."""
        with self._starting:
            host, self._host = self._host, None
        if host:
            self.stop()
            host.kill()
            _closed(host)

    def _started(self) -> subprocess.Popen[bytes]:
        env = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "genlearn.studio.inspection.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | env,
                start_new_session=True,
            )

    def _events(self, task: Task, hear: Hear) -> list[Event]:
        """Of ``task``, but how far it was; none where the host had ended before it took it up."""
        host, events = self.warm(), list[Event]()
        assert host.stdin is not None
        assert host.stdout is not None
        with suppress(BrokenPipeError):
            host.stdin.write(_line(task))
            host.stdin.flush()
        while line := host.stdout.readline(_LONGEST):
            event = _event(line)
            self._worker = event.process or self._worker
            if event.process or event.problem or event.found or event.ended is not None:
                events.append(event)
            hear(event)
            if event.ended is not None:
                return events
        _closed(host)
        return events

    def _why(self, code: int | None, late: bool) -> str:
        """What is known of a worker that ended without a word."""
        if late:
            return f"looking at it took more than {self.limit / 60:.0f} minutes; {_TOO_LONG}"
        if code == -getattr(signal, "SIGXCPU", 24):
            return f"looking at it took more than {CPU_SECONDS / 60:.0f} minutes; {_TOO_LONG}"
        return (
            "looking at it was ended by the system, probably for want of memory; free some, or give"
            " fewer or smaller files"
        )


def _closed(host: subprocess.Popen[bytes]) -> None:
    """The pipes of a host that has ended."""
    host.wait()
    for pipe in (host.stdin, host.stdout):
        if pipe:
            with suppress(OSError):
                pipe.close()


def _line(task: Task) -> bytes:
    """As a line; names of files may hold bytes that are no text."""
    return json.dumps(msgspec.to_builtins(task)).encode() + b"\n"


def _event(line: bytes) -> Event:
    try:
        return msgspec.json.decode(line, type=Event)
    except msgspec.DecodeError:
        return Event()
