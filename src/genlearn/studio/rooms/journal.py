"""A file that is only added to, a line at a time, which tells when a line is on the disk.

A disk takes milliseconds to be sure of anything, and a thousand judges answer at once. So one
thread writes for all: it waits for a moment, writes what has come meanwhile, is sure of it once,
and tells everybody (group commit; Gawlick & Kinkade 1985). What comes while it does so is the next
lot. A process that is killed leaves a last line cut short at most, which nobody was told is there:
each lot begins on a line of its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ...core.disk.durable import sync_folder

_GATHER = 0.004  # seconds in which others may come along


@dataclass(eq=False)
class Lot:
    """Lines that are written together; ``done`` when they outlast a power cut, or with what the
    disk said, which leaves nothing of them: then ``undo`` is called."""

    lines: list[bytes] = field(default_factory=list)
    undo: list[Callable[[], object]] = field(default_factory=list)
    done: Future[None] = field(default_factory=Future)
    _waiting: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = field(
        default_factory=dict
    )

    async def kept(self) -> None:
        """Wait for it. Raises `OSError` where the disk fails."""
        if not self.done.done():
            loop = asyncio.get_running_loop()
            waiting = self._waiting.setdefault(loop, [])
            waiting.append(mine := loop.create_future())
            if len(waiting) == 1:  # one call into the loop wakes all
                self.done.add_done_callback(lambda _: loop.call_soon_threadsafe(_wake, waiting))
            await mine
        self.done.result()

    @staticmethod
    def of_old() -> Lot:
        """That of lines which have been there before."""
        lot = Lot()
        lot.done.set_result(None)
        return lot


def _wake(waiting: list[asyncio.Future[None]]) -> None:
    for one in waiting:
        if not one.done():  # who waited may be gone
            one.set_result(None)


class Journal:
    """Lines in the file ``path``, which is made with the first of them; ``changed`` is called after
    each lot."""

    def __init__(self, path: Path, changed: Callable[[], object] = lambda: None) -> None:
        self.path, self.changed = path, changed
        self._lock = threading.Lock()
        self._next = Lot()
        self._writer = ThreadPoolExecutor(1, "journal")

    def lines(self) -> Iterator[bytes]:
        """All that are there; what was cut short may be among them."""
        if self.path.exists():
            yield from filter(None, self.path.read_bytes().split(b"\n"))

    def add(self, line: bytes, undo: Callable[[], object] = lambda: None) -> Lot:
        """Add ``line``, which has no line break; the lot that it goes with."""
        with self._lock:
            lot = self._next
            lot.lines.append(line)
            lot.undo.append(undo)
            if len(lot.lines) == 1:
                self._writer.submit(self._write)
            return lot

    def _write(self) -> None:
        time.sleep(_GATHER)
        with self._lock:
            lot, self._next = self._next, Lot()
        try:
            self._append(b"\n".join([b"", *lot.lines, b""]))
        except OSError as error:
            for undo in lot.undo:
                undo()
            lot.done.set_exception(error)
        else:
            lot.done.set_result(None)
        lot.undo.clear()
        lot.lines.clear()
        self.changed()

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
