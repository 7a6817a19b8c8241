"""Reads what it is given, as a user would, and says what became of it.

A reading ends well if it gives examples, or one line that says what is wrong (`UserError`). It
fails by any other exception, by taking more than ten seconds, and by memory beyond two gigabytes.
"""

from __future__ import annotations

import resource
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlearn.core.errors import UserError
from genlearn.data import open_data

SECONDS = 10.0
MEMORY = 2 * 2**30


@dataclass(frozen=True)
class Outcome:
    """``what``: read, refused (``detail``: the line), or failed (``detail``: the traceback)."""

    what: str
    detail: str
    seconds: float

    @property
    def failed(self) -> bool:
        return self.what == "failed"


def read_data(source: Path) -> None:
    """Open the data and look at its first examples."""
    data = open_data(source)
    data.spec.to_internal(data.user(slice(0, 4)))
    data.user(slice(0, 2))


def attempt(function: Callable[[Path], Any], path: Path) -> Outcome:
    """``function(path)``, and how it ended."""
    start = time.perf_counter()
    try:
        with warnings.catch_warnings(), _at_most(SECONDS):
            warnings.simplefilter("ignore")
            function(path)
        what, detail = "read", ""
    except UserError as error:
        what, detail = _told(str(error))
    except MemoryError:
        what, detail = "failed", "memory: " + traceback.format_exc()
    except BaseException:
        what, detail = "failed", traceback.format_exc()
    return Outcome(what, detail, time.perf_counter() - start)


def peak_memory() -> int:
    """The most bytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _told(line: str) -> tuple[str, str]:
    """An error is one line that a person can read."""
    if not line.isprintable() or len(line) > 2000:
        return "failed", f"not one line to print: {line[:200]!r}"
    return "refused", line


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeoutError(f"more than {seconds:g} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
