"""Trackers that may fail, and training that goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..callbacks import Callback, NullCallback, Progress


@dataclass
class Guarded(NullCallback):
    """The tracker that ``make`` gives. What it raises, a server that is away or a login that is
    missing, is told once by ``warn_of``, and nothing is passed on to it any more."""

    name: str
    make: Callable[[], Callback]
    warn_of: Callable[[str], None]
    tracker: Callback = field(default_factory=NullCallback, init=False)

    def __post_init__(self) -> None:
        self._try(self._begin)

    def report(self, progress: Progress) -> None:
        self._try(lambda: self.tracker.report(progress))

    def back(self, step: int) -> None:
        self._try(lambda: self.tracker.back(step))

    def preview(self, model: Any) -> None:
        self._try(lambda: self.tracker.preview(model))

    def close(self) -> None:
        self._try(self.tracker.close)

    def _begin(self) -> None:
        self.tracker = self.make()

    def _try(self, what: Callable[[], None]) -> None:
        try:
            what()
        except Exception as error:
            self.tracker = NullCallback()
            self.warn_of(
                f"the tracker {self.name} failed ({type(error).__name__}: {error}); training goes"
                " on without it, and metrics.jsonl in the run has all curves"
            )
