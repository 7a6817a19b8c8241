"""In which order the columns of a row are learned, each given those before it."""

from __future__ import annotations

import torch
from torch import Tensor

from ...core.processes import uniform_rows


def random_ranks(x: Tensor, share: float) -> Tensor:
    """Places of the columns of ``x`` (n, D) in an order for each row, (n, D): in a ``share`` of the
    rows a random set of columns goes before the others, in random order; all others stand as they
    are."""
    n, columns = x.shape
    chance = uniform_rows(n, columns + 2, device=x.device)
    first = (chance[:, 2:] < chance[:, :1]) & (chance[:, 1:2] < share)
    return torch.where(first, chance[:, 2:] - 1, torch.arange(columns, device=x.device))
