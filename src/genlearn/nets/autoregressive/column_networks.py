r"""A network for each column: p(column i | any of the others).

    h = W_i (m_i * e) + V_i m_i + b_i,       e: embeddings of the values of all columns,
                                             m_i: which of them are known to column i
    h <- h + B_i relu(A_i norm(h)) ...
    a = C_i relu(norm(h))

All columns are computed at once, as products of stacked matrices, for any masks: a row's D
conditionals in any order take one pass (Uria, Murray & Larochelle 2014, "A deep and tractable
density estimator", arXiv 1310.1757, share the weights of all columns, as suits pixels; columns of a
table have little in common but what they know).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core.processes import uniform_rows


class ColumnNetworks(nn.Module):
    """``columns`` networks of ``depth`` residual blocks of ``width``, over embeddings of
    ``embedding`` numbers of each of ``tokens`` values; ``features``: how many describe a value's
    place."""

    def __init__(
        self,
        columns: int,
        tokens: int,
        features: int,
        *,
        embedding: int,
        width: int,
        depth: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.dropout = dropout
        self.values = _random(columns, tokens, embedding, scale=0.5)
        self.places = _random(columns, features, embedding, scale=0.3)
        inputs = columns * embedding
        self.enter = _random(columns, inputs, width, scale=(2 / inputs) ** 0.5)
        self.known = _random(columns, columns, width, scale=0.1)
        self.bias = nn.Parameter(torch.zeros(columns, 1, width))
        self.blocks = nn.ModuleList(_Block(columns, width) for _ in range(depth))
        self.leave = _random(columns, width, tokens, scale=0.01)
        self.curves = _random(columns, width, features, scale=0.01)
        self.level = nn.Parameter(torch.zeros(columns, 1, tokens))

    def forward(
        self, tokens: Tensor, known: Tensor, places: Tensor, single: Tensor, chosen: slice
    ) -> Tensor:
        """Logits (C, n, K) beside the copula's, for the ``chosen`` C of the D columns.

        ``tokens``: (n, D); ``known``: (C, n, D), 1 where a column's value is known to the network;
        ``places``: features of the values (D, K, F).
        """
        own = single[..., None].float()
        table = self.values * own + places @ self.places
        columns = torch.arange(len(table), device=tokens.device)
        embedded = table[columns, tokens]
        seen = (embedded[None] * known[..., None]).flatten(2)
        h = torch.baddbmm(self.bias[chosen], seen, self.enter[chosen])
        h = h + known @ self.known[chosen]
        dropout = self.dropout if self.training else 0.0
        for block in self.blocks:
            h = block(h, chosen, _kept(h, dropout))
        h = F.relu(_norm(h)) * _kept(h, dropout)
        smooth = places[chosen] @ self.curves[chosen].mT
        leave = self.leave[chosen] * own[chosen].mT + smooth.mT
        return torch.baddbmm(self.level[chosen], h, leave)


class _Block(nn.Module):
    """h + B relu(A norm(h) + b), B zero at first."""

    def __init__(self, columns: int, width: int) -> None:
        super().__init__()
        self.enter = _random(columns, width, width, scale=(2 / width) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(columns, 1, width))
        self.leave = nn.Parameter(torch.zeros(columns, width, width))

    def forward(self, h: Tensor, chosen: slice, kept: Tensor | float) -> Tensor:
        inside = F.relu(torch.baddbmm(self.bias[chosen], _norm(h), self.enter[chosen]))
        return torch.baddbmm(h, inside * kept, self.leave[chosen])


def _random(*shape: int, scale: float) -> nn.Parameter:
    return nn.Parameter(torch.randn(shape) * scale)


def _kept(h: Tensor, dropout: float) -> Tensor | float:
    """What multiplies h (C, n, width) so that a share of its numbers is left out, the same ones for
    all columns, which takes a fraction of the time."""
    if dropout == 0:
        return 1.0
    return (uniform_rows(*h.shape[1:], device=h.device) >= dropout).to(h.dtype) / (1 - dropout)


def _norm(h: Tensor) -> Tensor:
    return F.rms_norm(h, h.shape[-1:])
