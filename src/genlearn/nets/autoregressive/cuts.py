"""Where [0, 1] is cut into tokens, for each kind of data.

What a column's distribution function knows as one piece is never cut. Few pieces are a token each;
of many, those that many rows have stay alone, and the others are put together until they hold their
share of the rows.
"""

from __future__ import annotations

import torch
from torch import Tensor



def cuts(levels: Tensor, most: int, keep: Tensor | None = None) -> Tensor:
    """Of ``levels`` (M + 1,), rising from 0 to 1, those that begin or end a token: at most about
    ``most`` of equal shares beside those that hold more, or more where pieces ``keep`` (M,) must
    not be put together."""
    shares = levels.diff()
    if (shares > 0).sum() <= most:
        return _distinct(levels)
    alone = shares >= 1 / most if keep is None else keep | (shares >= 1 / most)
    share, ends = 0.0, [levels[0]]
    for k in range(len(shares)):
        if alone[k] and share > 0:
            ends, share = [*ends, levels[k]], 0.0
        share += float(shares[k])
        if alone[k] or share >= 1 / most:
            ends, share = [*ends, levels[k + 1]], 0.0
    return _distinct(torch.stack([*ends, levels[-1]]))


def padded(edges: list[Tensor]) -> Tensor:
    """Edges of columns with different numbers of tokens, (D, K + 1), the last one repeated."""
    most = max(map(len, edges))
    return torch.stack([torch.cat([e, e[-1:].expand(most - len(e))]) for e in edges])


def _distinct(levels: Tensor) -> Tensor:
    """``levels`` without those that are repeated; the ends are those of [0, 1]."""
    inner = levels[(levels > 0) & (levels < 1)].unique()
    return torch.cat([inner.new_zeros(1), inner, inner.new_ones(1)])
