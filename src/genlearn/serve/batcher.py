"""Questions to one model, in batches, and an end to how many may wait.

A model is asked by one thread at a time, and takes little longer for many examples than for one. So
those that wait for the same thing are asked together once it is free, the first come first. Waiting
has an end in two ways: more examples than there is room for are refused (`Full`), and what has
waited too long is given up (TimeoutError), as is a question whose asker is cancelled. A batch that
was begun is not stopped. Where one fails, its questions are asked one by one, so that nobody
answers for another.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio.to_thread

Work = Callable[[Sequence[Any]], Sequence[Any]]  # what is asked, to one answer for each


class Full(Exception):
    """There is no room for more; ``seconds`` until there should be."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many are waiting; try again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, eq=False)
class _Job:
    kind: Hashable
    count: int
    asked: Any
    work: Work
    answer: asyncio.Future[Any]


@dataclass
class Batcher:
    """``most`` examples are asked at a time, ``room`` may wait, each for ``seconds``; ``tell``
    hears of every batch how many requests and examples it had, and what it took."""

    most: int
    room: int
    seconds: float
    tell: Callable[[int, int, float], None]
    _jobs: deque[_Job] = field(default_factory=deque, init=False)
    _some: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _each: float = field(default=0.0, init=False)  # seconds for an example, of late

    @property
    def waiting(self) -> int:
        """Examples that are still waited for."""
        return sum(job.count for job in self._jobs if not job.answer.done())

    async def ask(self, kind: Hashable, count: int, asked: Any, work: Work) -> Any:
        """The answer of ``work`` to ``asked``, which has ``count`` examples, together with others
        of the same ``kind``. Raises `Full`, TimeoutError, and what ``work`` raises."""
        waiting = self.waiting
        if waiting and waiting + count > self.room:
            raise Full(max(1, math.ceil(waiting * self._each)))
        job = _Job(kind, count, asked, work, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._some.set()
        async with asyncio.timeout(self.seconds):
            return await job.answer

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Inside, questions are answered."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            if batch := self._next():
                await self._answer(batch)
            if not self._jobs:
                self._some.clear()

    def _next(self) -> list[_Job]:
        """The first that is still waited for, and others of its kind."""
        waiting = [job for job in self._jobs if not job.answer.done()]
        batch: list[_Job] = []
        for job in waiting:
            alike = not batch or job.kind == batch[0].kind
            if alike and (not batch or sum(one.count for one in batch) + job.count <= self.most):
                batch.append(job)
        self._jobs = deque(job for job in waiting if job not in batch)
        return batch

    async def _answer(self, batch: list[_Job]) -> None:
        start, count = time.perf_counter(), sum(job.count for job in batch)
        try:
            found = await anyio.to_thread.run_sync(batch[0].work, [job.asked for job in batch])
        except Exception as error:
            if len(batch) > 1:
                for job in batch:
                    await self._answer([job])
            elif not batch[0].answer.done():
                batch[0].answer.set_exception(error)
            return
        taken = time.perf_counter() - start
        self._each = taken / count
        self.tell(len(batch), count, taken)
        for job, answer in zip(batch, found, strict=True):
            if not job.answer.done():
                job.answer.set_result(answer)
