"""What a command knows of how it was called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Session:
    """Whether tracebacks are asked for, and when the command ``started``, as `time.perf_counter`
    says."""

    debug: bool
    started: float
