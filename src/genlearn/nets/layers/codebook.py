"""A codebook: a finite number of vectors that stand for all others."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...core.processes import from_all


class Codebook(nn.Module):
    """``size`` vectors of ``numbers`` numbers, which are learned; ``idle`` counts for how many
    batches nothing was nearest to each, (size,)."""

    idle: Tensor

    def __init__(self, size: int, numbers: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(size, numbers))
        self.register_buffer("idle", torch.full((size,), torch.iinfo(torch.int32).max // 2))

    def nearest(self, z: Tensor) -> Tensor:
        """The number of the vector nearest to each of ``z``: (..., numbers) -> (...)."""
        v = self.vectors.detach()
        return (v.square().sum(1) - 2 * z.detach() @ v.T).argmin(-1)

    def forward(self, numbers: Tensor) -> Tensor:
        """The vectors ``numbers``: (...) -> (..., numbers)."""
        return self.vectors[numbers]

    @torch.no_grad()
    def restart_unused(self, z: Tensor, indices: Tensor, longest: int) -> None:
        """Note that the vectors ``indices`` (n,) are in use for ``z`` (n, numbers); those that were
        not for ``longest`` batches become some of ``z``, at random.

        Where several processes share a batch, its ``z`` and ``indices`` are those of all of them.
        """
        used = torch.bincount(from_all(indices), minlength=len(self.idle)) > 0
        self.idle.copy_(torch.where(used, 0, self.idle + 1))
        dead = (self.idle > longest).nonzero()[:, 0]
        if len(dead):
            z = from_all(z)
            self.vectors[dead] = z[torch.randint(len(z), (len(dead),), device=z.device)]
            self.idle[dead] = 0
