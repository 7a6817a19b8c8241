"""The same work on many chunks, on all cores, in order and with few chunks in memory.

Small images cost more in Python than in the decoder, so threads would wait for one another:
processes are used. They are forked, because that alone needs no guard in the user's script (``if
__name__ == "__main__"``); where the system cannot fork safely, threads do the work. The children
run PIL and NumPy only and never enter torch's thread pools, which do not survive a fork.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from ...core.errors import UserError

In = TypeVar("In")
Out = TypeVar("Out")

_AHEAD = 2


@contextmanager
def worker_pool(count: int | None = None) -> Iterator[Executor]:
    """A pool of ``count`` worker processes, by default one for each core that this process may use;
    with 0, one thread."""
    count = _cores() if count is None else count
    pool = _processes(count) if count and _can_fork() else ThreadPoolExecutor(count or 1)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def each(pool: Executor, work: Callable[[In], Out], chunks: Iterable[In]) -> Iterator[Out]:
    """``work(chunk)`` for each chunk, in order. Raises what ``work`` raises."""
    waiting: deque[Future[Out]] = deque()
    for chunk in chunks:
        waiting.append(_submit(pool, work, chunk))
        if len(waiting) > _AHEAD * _cores():
            yield _result(waiting.popleft())
    while waiting:
        yield _result(waiting.popleft())


def _submit(pool: Executor, work: Callable[[In], Out], chunk: In) -> Future[Out]:
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads; the module docstring says why it is safe
        # here.
        warnings.simplefilter("ignore", DeprecationWarning)
        return pool.submit(work, chunk)


def _result(future: Future[Out]) -> Out:
    try:
        return future.result()
    except BrokenProcessPool:
        raise UserError(
            "a worker that decodes images was killed, probably for want of memory; free some memory"
            " and try again"
        ) from None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _can_fork() -> bool:
    return sys.platform == "linux" and not multiprocessing.current_process().daemon


def _processes(count: int) -> Executor:
    return ProcessPoolExecutor(count, multiprocessing.get_context("fork"), _begin, (os.getpid(),))


def _begin(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end with it even if it is killed. What the parent holds is
    shared as long as no one touches it."""
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
