"""How many threads a computation is worth.

Threads meet at the end of every operation. On small batches they wait more than they work, and
where another program takes one of the cores they wait for it: on two cores, 128 images of 8x8
pixels took 14 ms a step with one thread, and 70 to 1,300 ms with two beside a busy program. The
number depends on the size of the batch and not on the load, because results differ in their last
bits with the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

_SMALL = 32_768  # numbers in a batch


def use_threads(number: int) -> None:
    """Let torch compute with ``number`` threads from here on."""
    if number != torch.get_num_threads():
        torch.set_num_threads(number)


@contextmanager
def cpu_threads(numbers: int) -> Iterator[None]:
    """Inside, torch computes with one thread if a batch holds few ``numbers``, else with as many as
    it has."""
    before = torch.get_num_threads()
    if numbers < _SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
