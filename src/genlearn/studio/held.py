"""What was found lately, held for who asks again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Held(Generic[T]):
    """Up to ``most`` things by their keys; those that nobody has asked for the longest go. Threads
    may ask at the same time: two who ask for what is not there may both look for it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._things: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, find: Callable[[], T | None]) -> T | None:
        """The one called ``key``; what ``find`` gives where it is not there, which is held from
        then on unless it is None."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        found = find()
        if found is not None:
            with self._lock:
                self._things[key] = found
                while len(self._things) > self.most:
                    self._things.popitem(last=False)
        return found
