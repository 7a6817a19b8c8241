"""A batch that several processes share, as models and networks see it.

Each process holds its rows of the batch, in order, and computes their part of the loss. What a step
does must not depend on how many processes there are, so three things are asked of the whole batch
and not of a process's rows:

*Random numbers.* All processes have one seed. Each draws the numbers of the whole batch and keeps
those of its rows (`rows_of_batch`); what is drawn for no example in particular, such as an order of
columns, is equal everywhere.

*Means that something else than a loss is made of*, such as the statistics of a batch norm
(`sum_over_batch`, `mean_over_batch`), which gradients go through.

*Decisions by all rows at once*, for which these are collected (`from_all`).

Inside `shared_batch` this is so; outside, a process is alone, and all of them cost nothing.

Before the first step, what takes long to work out of the data is worked out by one process, which
hands it to the others (`filled_by_first`): machines that round differently begin as equals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd import Function


class Share(NamedTuple):
    """The part of process ``rank`` in a batch that ``processes`` share equally."""

    rank: int = 0
    processes: int = 1


_ALONE = Share()
_SHARE: ContextVar[Share] = ContextVar("share")


@contextmanager
def shared_batch(rank: int, processes: int) -> Iterator[None]:
    """Inside, the rows of a batch are those of process ``rank`` of ``processes``."""
    token = _SHARE.set(Share(rank, processes))
    try:
        yield
    finally:
        _SHARE.reset(token)


def processes_of_batch() -> int:
    """How many share the batch."""
    return _SHARE.get(_ALONE).processes


def rows_of_batch(draw: Callable[[int], Tensor], n: int) -> Tensor:
    """The ``n`` rows of this process of ``draw(all rows)``: (all rows, ...) -> (n, ...)."""
    rank, processes = _SHARE.get(_ALONE)
    return draw(n) if processes == 1 else draw(n * processes)[rank * n : (rank + 1) * n]


def normal_rows(n: int, *shape: int, device: torch.device | None = None) -> Tensor:
    """N(0, I) for the ``n`` examples of this process, (n, *shape), from torch's generator."""
    return rows_of_batch(lambda total: torch.randn(total, *shape, device=device), n)


def uniform_rows(n: int, *shape: int, device: torch.device | None = None) -> Tensor:
    """Uniforms in [0, 1) for the ``n`` examples of this process, (n, *shape), from torch's
    generator."""
    return rows_of_batch(lambda total: torch.rand(total, *shape, device=device), n)


def noise_like(x: Tensor) -> Tensor:
    """N(0, I) of the shape, type and layout of a batch ``x`` (n, ...). torch draws into numbers
    that lie in a row eight times as fast as into any others."""
    shape, dtype, device = x.shape[1:], x.dtype, x.device
    drawn = rows_of_batch(lambda n: torch.randn(n, *shape, dtype=dtype, device=device), len(x))
    return drawn if x.is_contiguous() else torch.empty_like(x).copy_(drawn)


def from_all(rows: Tensor) -> Tensor:
    """The rows of all processes, in their order, without gradients: (n, ...) -> (all rows, ...)."""
    if processes_of_batch() == 1:
        return rows
    rows = rows.detach().contiguous()
    parts = [torch.empty_like(rows) for _ in range(processes_of_batch())]
    dist.all_gather(parts, rows)
    return torch.cat(parts)


def shifted(rows: Tensor) -> Tensor:
    """Of each of the ``rows`` the one after it in the whole batch, and of its last the first:
    (n, ...) -> (n, ...)."""
    rank, n = _SHARE.get(_ALONE).rank, len(rows)
    return from_all(rows).roll(-1, 0)[rank * n : (rank + 1) * n]


def sum_over_batch(part: Tensor) -> Tensor:
    """The sum of ``part`` over all processes; gradients go back to each."""
    if processes_of_batch() == 1:
        return part
    total: Tensor = _Sum.apply(part)  # type: ignore[no-untyped-call]
    return total


def mean_over_batch(rows: Tensor) -> Tensor:
    """The mean over all rows of the batch: (n, ...) -> (...)."""
    return sum_over_batch(rows.mean(0)) / processes_of_batch()


def filled_by_first(module: nn.Module, fill: Callable[[], None]) -> None:
    """``fill`` the tensors of ``module`` in the first of all processes, and take them over in the
    others, which wait."""
    if not (dist.is_available() and dist.is_initialized()):
        return fill()
    first = dist.get_rank() == 0
    if first:
        fill()
    filled = [{name: value.cpu() for name, value in module.state_dict().items()} if first else {}]
    dist.broadcast_object_list(filled)
    module.load_state_dict(filled[0])


class _Sum(Function):
    """y = sum_r x_r at all processes; dL/dx_r = sum_r dL_r/dy."""

    @staticmethod
    def forward(ctx: Any, part: Tensor) -> Tensor:
        total = part.contiguous().clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> Any:
        return _Sum.apply(slopes[0])  # type: ignore[no-untyped-call]
