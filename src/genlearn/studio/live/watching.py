"""Looking again and again, as seldom as a person does not notice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import anyio

T = TypeVar("T")
PERIOD = 0.25  # seconds


async def changes(look: Callable[[], T]) -> AsyncIterator[T]:
    """What ``look`` sees, now and each time that it is something else."""
    seen = look()
    yield seen
    while True:
        await anyio.sleep(PERIOD)
        now = look()
        if now != seen:
            seen = now
            yield seen
