"""What networks need to know of other processes that train them too: all the rows of a step, where
something is decided by all of them at once."""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor


def from_all(rows: Tensor) -> Tensor:
    """The rows of all processes, in their order: (n, ...) -> (processes n, ...)."""
    if not _several():
        return rows
    rows = rows.contiguous()
    parts = [torch.empty_like(rows) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, rows)
    return torch.cat(parts)


def from_first(value: Tensor) -> Tensor:
    """``value`` as it is at the first process."""
    if _several():
        value = value.contiguous()
        dist.broadcast(value, 0)
    return value


def _several() -> bool:
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1
