"""What a command knows of how it was called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Session:
    """Whether tracebacks are asked for, when the command ``started``, as `time.perf_counter` says,
    and the ``words`` after the name of the program."""

    debug: bool
    started: float
    words: tuple[str, ...] = ()
