"""Which component of a mixture a draw is of."""

from __future__ import annotations

import torch
from torch import Tensor


def chosen(weights: Tensor, u: Tensor) -> Tensor:
    """The components (B,) that ``u`` ~ U(0, 1), (B,), choose by ``weights`` (K,), or (B, K) where
    each draw has its own."""
    ends = weights.cumsum(-1).expand(len(u), -1).contiguous()
    found = torch.searchsorted(ends, u.to(weights)[:, None])[:, 0]
    return found.clamp(max=weights.shape[-1] - 1)
