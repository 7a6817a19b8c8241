"""Being told to stop: Ctrl-C and SIGTERM are noted during a training, which saves before it
obeys."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from .hardware.distributed import Processes


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM arrived; the state was saved first."""

    def __init__(self, number: int, line: str) -> None:
        super().__init__(line)
        self.number = number


@dataclass
class StopFlag:
    """The number of the signal that asked to stop, or 0."""

    number: int = 0


def told_anywhere(stop: StopFlag, fabric: Processes) -> bool:
    """Whether a signal arrived, at any process."""
    if fabric.world_size > 1:
        most = fabric.all_reduce(torch.tensor(stop.number), reduce_op="max")
        stop.number = int(most)  # type: ignore[arg-type]
    return stop.number > 0


@contextmanager
def no_signals() -> Iterator[StopFlag]:
    """Signals keep their meaning."""
    yield StopFlag()


@contextmanager
def signals() -> Iterator[StopFlag]:
    """Inside, Ctrl-C and SIGTERM are noted instead of obeyed (in the main thread; elsewhere Python
    cannot)."""
    stop = StopFlag()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {
        s: signal.signal(s, lambda number, _: setattr(stop, "number", number))
        for s in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
