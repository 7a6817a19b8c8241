r"""The values of columns as tokens, and what is continuous in them.

Each column is first brought to u in [0, 1] by its distribution function F, which is known before
anything is learned (`margins`), so that p(x) = p(u) F'(x). [0, 1] is then cut into tokens: token k
lies between ``edges[k]`` and ``edges[k + 1]``. With the probabilities b_k of tokens that the
Gaussian copula gives (`copula`),

    p(token k | what is known) = softmax_k(a_k + log b_k),

so that a network that says nothing, a = 0, is the copula (Sklar 1959), and what it learns is what
that leaves over. A token of no width is never drawn. Where a token is one value, as a level or a
spike is, that is its probability. Where it is a range of numbers, they lie in it as the copula
says; but where numbers are steps apart, u is uniform in it, and what is known of them is its
middle, so that it does not matter where in its step a number was placed: probabilities stay exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .copula import Conditional

_WAVES = 6  # of the place of a token
_MARGIN = 1e-6  # share of a token at its ends that is not drawn, for the sake of rounding


@dataclass(frozen=True)
class Cells:
    """Parts of the tokens of a column: of ``token`` (C,) what lies between ``low`` and ``high``, a
    ``share`` of it."""

    token: Tensor
    low: Tensor
    high: Tensor
    share: Tensor

    @property
    def width(self) -> Tensor:
        """How likely they are together before anything is known, ()."""
        return (self.high - self.low).sum()

    def draw(
        self, more: Tensor, p: Tensor, base: Conditional, chance: Tensor, even: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The tokens (n,), and u (n,) in them, that ``chance`` (n,) draws within these cells, and
        how likely all these are, (n,).

        ``p``: probabilities of the tokens (n, K); ``more``: by how much, as a log, they are more
        likely than ``base`` (n,) says; ``even``: whether u is uniform in a token, in place of as
        ``base`` says.
        """
        low, high = torch.special.ndtri(self.low), torch.special.ndtri(self.high)
        if even:
            mass = p[:, self.token] * self.share
        else:
            ends = [base.part(..., None).below(z) for z in (low, high)]
            mass = (ends[1] - ends[0]).clamp(min=0) * more[:, self.token].exp()
        sums = mass.cumsum(1)
        sought = (chance * sums[:, -1])[:, None]
        cell = torch.searchsorted(sums, sought, right=True).clamp(max=mass.shape[1] - 1)
        at, end = mass.gather(1, cell).clamp(min=1e-300), sums.gather(1, cell)
        inside = (1 - (end - sought) / at).clamp(_MARGIN, 1 - _MARGIN)[:, 0]
        cell = cell[:, 0]
        least, most, own = self.low[cell], self.high[cell], (self.high - self.low)[cell] * _MARGIN
        if even:
            u = least + inside * (most - least)
        else:
            u = torch.special.ndtr(base.between(low[cell], high[cell], inside))
            least = torch.where(least > 0, least + own, least)  # rounding leads into no other
            u = u.clamp(least, torch.where(most < 1, most - own, most))
        return self.token[cell], u, sums[:, -1]


class Tokens(nn.Module):
    """Cuts of [0, 1] for each of D columns into at most K tokens: ``edges`` (D, K + 1), rising from
    0 to 1; columns with fewer repeat the 1. ``single`` (D, K): tokens of one value; ``stepped``
    (D,): columns of numbers that are steps apart."""

    edges: Tensor
    single: Tensor
    stepped: Tensor

    def __init__(self, edges: Tensor, single: Tensor, stepped: Tensor) -> None:
        super().__init__()
        self.register_buffer("edges", edges.double())
        self.register_buffer("single", single)
        self.register_buffer("stepped", stepped)

    @classmethod
    def even(cls, columns: int, count: int) -> Tokens:
        """Tokens of equal widths."""
        edges = torch.linspace(0, 1, count + 1, dtype=torch.float64).repeat(columns, 1)
        single = torch.zeros(columns, count, dtype=torch.bool)
        return cls(edges, single, single[:, 0].clone())

    def fill(self, levels: Tensor) -> None:
        """Cut at those of ``levels`` (D, M + 1) that come nearest to equal widths."""
        even = torch.linspace(0, 1, self.edges.shape[1], dtype=torch.float64)[1:-1]
        for column, row in enumerate(levels.cpu()):
            inner = row[1:-1]
            nearest = (inner[None] - even[:, None]).abs().argmin(1).unique()
            ends = torch.ones(self.edges.shape[1], dtype=torch.float64)
            ends[0], ends[1 : len(nearest) + 1] = 0, inner[nearest]
            self.edges[column] = ends

    def forward(self, u: Tensor) -> Tensor:
        """The tokens (n, D) of u (n, D)."""
        places = torch.searchsorted(self.edges[:, 1:-1].contiguous(), u.T.contiguous(), right=True)
        return places.clamp(max=self.last[:, None]).T

    @property
    def last(self) -> Tensor:
        """The last token of each column that has a width, (D,)."""
        wide = self.widths > 0
        return (wide * torch.arange(wide.shape[1], device=wide.device)).amax(1)

    @property
    def widths(self) -> Tensor:
        """(D, K)."""
        return self.edges.diff(dim=1)

    def middles(self) -> Tensor:
        """(D, K)."""
        return (self.edges[:, :-1] + self.edges[:, 1:]) / 2

    def scores(self) -> Tensor:
        """Normal scores of the edges, (D, K + 1), from -inf to inf."""
        z: Tensor = torch.special.ndtri(self.edges)
        return z

    def log_widths(self) -> Tensor:
        """(D, K), -inf for what is never drawn."""
        return self.widths.log()

    def log_width(self, tokens: Tensor) -> Tensor:
        """Of each of ``tokens`` (n, D)."""
        return self.log_widths().T.gather(0, tokens)

    def cells(self, column: int, allowed: Tensor | None = None) -> Cells:
        """What may be drawn of a column: its tokens, or what of them lies in intervals ``allowed``
        (A, 2) of [0, 1]."""
        edges = self.edges[column]
        if allowed is None:
            allowed = edges.new_tensor([[0.0, 1.0]])
        low = edges[:-1, None].maximum(allowed[:, 0])
        high = edges[1:, None].minimum(allowed[:, 1])
        token, interval = torch.nonzero(high > low, as_tuple=True)
        low, high = low[token, interval], high[token, interval]
        return Cells(token, low, high, (high - low) / self.widths[column, token])

    def features(self) -> Tensor:
        """Where tokens lie, (D, K, F): smooth functions of their middle, so that neighbours begin
        alike."""
        middle = self.middles()
        phases = math.pi * middle[..., None] * torch.arange(1, _WAVES + 1, device=middle.device)
        normal = torch.special.ndtri(middle.clamp(1e-6, 1 - 1e-6))
        powers = torch.stack([normal, (normal.square() - 1) / 2], -1)
        return torch.cat([powers, phases.sin(), phases.cos()], -1).float()
