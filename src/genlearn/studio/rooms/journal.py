"""A file that is only added to, a line at a time; a line is on the disk when its future is done.

A disk takes milliseconds to be sure of anything, and a thousand judges answer at once. So one
thread writes for all: it waits for a moment, writes what has come meanwhile, is sure of it once,
and tells everybody (group commit; Gawlick & Kinkade 1985). What comes while it does so is the next
lot. A process that is killed leaves a last line cut short at most, which nobody was told is there:
each lot begins on a line of its own.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from ...core.disk.durable import sync_folder

_GATHER = 0.004  # seconds in which others may come along


class Journal:
    """Lines in the file ``path``, which is made with the first of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._waiting: list[tuple[bytes, Future[None]]] = []
        self._writer = ThreadPoolExecutor(1, "journal")

    def lines(self) -> Iterator[bytes]:
        """All that are there; what was cut short may be among them."""
        if self.path.exists():
            yield from filter(None, self.path.read_bytes().split(b"\n"))

    def add(self, line: bytes) -> Future[None]:
        """Add ``line``, which has no line break. The future is done when it outlasts a power cut,
        and fails where the disk fails, which leaves nothing of it."""
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()  # who no longer waits for it takes nothing back
        with self._lock:
            self._waiting.append((line, future))
            if len(self._waiting) == 1:
                self._writer.submit(self._write)
        return future

    def _write(self) -> None:
        time.sleep(_GATHER)
        with self._lock:
            lot, self._waiting = self._waiting, []
        try:
            self._append(b"\n".join([b"", *(line for line, _ in lot), b""]))
        except OSError as error:
            for _, future in lot:
                future.set_exception(error)
        else:
            for _, future in lot:
                future.set_result(None)

    def _append(self, content: bytes) -> None:
        new = not self.path.exists()
        with self.path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                left = memoryview(content)
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)
                raise
        if new:
            sync_folder(self.path.parent)
