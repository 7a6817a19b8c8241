"""How many threads a trained network is asked on: all of them, or one where they would wait.

Beside another program all threads take many times as long as one, since they meet at the end of
every operation. What a network learns depends on their number (`core.cpu_threads`), since gradients
are sums over a batch; what it answers does not: every number of it is summed by one thread. So the
faster number is found by a trial of some milliseconds, now and then.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn import functional as F

from .cpu_threads import use_threads

_VALID = 4.0  # seconds that a trial is believed
_ROUNDS = 4  # of a trial
_SHAPE, _FILTERS = (4, 32, 32, 32), (32, 32, 3, 3)  # of its convolution, a millisecond or two

_found: dict[int, tuple[float, int]] = {}  # by how many there are: until when, and how many to use


@contextmanager
def inference_threads() -> Iterator[None]:
    """Inside, torch computes with all of its threads, or with one where that is faster now."""
    before = torch.get_num_threads()
    use_threads(_faster(before))
    try:
        yield
    finally:
        use_threads(before)


def _faster(most: int) -> int:
    """Of one thread and ``most``."""
    if most == 1:
        return 1
    until, threads = _found.get(most, (0.0, most))
    if time.monotonic() > until:
        threads = _tried(most)
        _found[most] = time.monotonic() + _VALID, threads
    return threads


def _tried(most: int) -> int:
    x, filters = (
        torch.ones(shape).contiguous(memory_format=torch.channels_last)
        for shape in (_SHAPE, _FILTERS)
    )
    taken = {1: 0.0, most: 0.0}
    with torch.inference_mode():
        for number in range(_ROUNDS + 1):
            for threads in taken:
                each = _time(x, filters, threads)
                taken[threads] += each if number else 0.0  # the first makes what is kept
    return min(taken, key=lambda threads: taken[threads])


def _time(x: Tensor, filters: Tensor, threads: int) -> float:
    use_threads(threads)
    start = time.perf_counter()
    F.silu(F.conv2d(x, filters, padding=1))
    return time.perf_counter() - start
