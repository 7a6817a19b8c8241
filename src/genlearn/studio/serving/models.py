"""Fitted models, kept ready.

A few are held at a time; one whose weights have changed since is loaded anew, so that a training
can be looked at while it runs. Each is asked by one thread at a time, away from the thread that
answers requests.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from ...core.errors import UserError
from ...engine.runs.loading import read
from ..library.runs import RunFolder

T = TypeVar("T")
_HELD = 4


@dataclass
class _Held:
    version: tuple[int, int]
    model: Any
    lock: threading.Lock = field(default_factory=threading.Lock)


class Models:
    """The models of runs."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._lock = threading.Lock()

    async def ask(self, card: RunFolder, question: Callable[[Any], T]) -> T:
        """``question`` of the model of ``card``, in a thread. Raises `UserError` where it has not
        learned anything yet, or is damaged."""
        return await anyio.to_thread.run_sync(self._ask, card, question, abandon_on_cancel=True)

    async def get(self, card: RunFolder) -> Any:
        """The model of ``card``, to be looked at and not to be asked: another thread may ask it at
        the same time. Raises as `ask` does."""
        held = await anyio.to_thread.run_sync(self._of, card, abandon_on_cancel=True)
        return held.model

    def _ask(self, card: RunFolder, question: Callable[[Any], T]) -> T:
        held = self._of(card)
        with held.lock:
            return question(held.model)

    def _of(self, card: RunFolder) -> _Held:
        if not card.usable:
            raise UserError(f"{card.name} has no weights yet; wait for the first of its training")
        facts = card.run.weights.stat()
        version = (facts.st_mtime_ns, facts.st_size)
        with self._lock:
            held = self._held.pop(card.name, None)
            if held is None or held.version != version:
                held = _Held(version, read(card.path))
            self._held[card.name] = held
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
            return held
