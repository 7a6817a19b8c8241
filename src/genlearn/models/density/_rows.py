"""Rows of columns by the conditionals of each: log p(x), and draws given what is known."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ...nets.autoregressive.column_networks import ColumnNetworks
from ...nets.autoregressive.copula import Conditional, GaussianCopula, normal_scores
from ...nets.autoregressive.margins import Margins
from ...nets.autoregressive.tokens import Cells, Tokens

_END = 5.2  # normal scores of the ends of a table's columns, 1e-7 of the rows from them


@dataclass(frozen=True)
class Given:
    """What is known of rows: their ``tokens`` (n, D) and u (n, D) where ``known`` (n, D), and for
    each column what may be drawn, ``cells``; ``limited``: the columns of which that is not all."""

    tokens: Tensor
    u: Tensor
    known: Tensor
    cells: list[Cells]
    limited: tuple[int, ...] = field(default=())

    def of(self, rows: Tensor) -> Given:
        """The same for some of the rows, by their numbers."""
        tokens, u, known = (part[rows] for part in (self.tokens, self.u, self.known))
        return Given(tokens, u, known, self.cells, self.limited)


@dataclass(frozen=True, eq=False)
class Rows:
    """p(x) = prod_i p(x_i | x_<i), by networks, margins, tokens and the copula of D columns;
    ``most``: the score of the largest value that was seen, where a column ends with it (else inf).
    """

    columns: ColumnNetworks
    margins: Margins
    tokens: Tokens
    copula: GaussianCopula
    most: float

    def encode(self, x: Tensor) -> Tensor:
        """Tokens (n, D) of x (n, D)."""
        tokens: Tensor = self.tokens(self.margins(x))
        return tokens

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens of x (n, D), and what the copula knows the rows by, (n, D) both."""
        z = self.margins.normal(x)
        tokens = self.tokens(torch.special.ndtr(z))
        return tokens, self.scores(tokens, z)

    def scores(self, tokens: Tensor, z: Tensor) -> Tensor:
        """What the copula knows rows by, of normal scores ``z`` (n, D): of tokens that are one
        value, and of what is steps apart, the middle."""
        middle = normal_scores(self.tokens.middles().T.gather(0, tokens))
        return torch.where(self.is_even(tokens), middle, z.clamp(-self.most, self.most))

    def is_even(self, tokens: Tensor) -> Tensor:
        """Whether u is uniform in ``tokens`` (n, D), whatever the copula says."""
        return self.tokens.single.T.gather(0, tokens) | self.tokens.stepped

    def fill_copula(self, x: Tensor) -> None:
        """Measure how the columns of x (n, D) go together."""
        tokens, z = self.read(x)
        low, high = (self.tokens.scores().T.gather(0, tokens + more) for more in (0, 1))
        self.copula.fill(z, low, high)

    def log_density(self, x: Tensor) -> Tensor:
        """log p(x), (n,), by the columns as they stand."""
        ranks = torch.arange(x.shape[1], device=x.device).expand(len(x), -1)
        tokens, z = self.read(x)
        return self._densities(x, tokens, self.copula.in_order(z, ranks), _before(ranks)).sum(1)

    def log_conditionals(self, x: Tensor) -> Tensor:
        """log p(x_i | all other columns), (n, D)."""
        tokens, z = self.read(x)
        others = 1 - torch.eye(x.shape[1], device=x.device)
        known = others[:, None].expand(-1, len(x), -1)
        return self._densities(x, tokens, self.copula.given_others(z), known)

    def _densities(self, x: Tensor, tokens: Tensor, base: Conditional, known: Tensor) -> Tensor:
        """Of each value its log-density given those ``known`` (D, n, D), (n, D): what the copula
        says, times what the network says of its token."""
        more, log_p = self._conditionals(tokens, known, base, slice(None))
        picked = tokens.T[..., None]
        one = log_p.gather(2, picked)[..., 0].T.double() - self.tokens.log_width(tokens)
        z, ends = self.margins.normal(x), _END if math.isfinite(self.most) else math.inf
        many = more.gather(2, picked)[..., 0].T.double() + base.log_density(z.T).T
        even = self.is_even(tokens) | (z.abs() > ends)
        return torch.where(even, one, many) + self.margins.log_density(x)

    def log_probabilities(self, x: Tensor, ranks: Tensor) -> Tensor:
        """log p(token i | values of lower rank), (n, D), of x (n, D)."""
        tokens, z = self.read(x)
        log_p = self._conditionals(
            tokens, _before(ranks), self.copula.in_order(z, ranks), slice(None)
        )[1]
        return log_p.gather(2, tokens.T[..., None])[..., 0].T

    def unknown(self, n: int) -> Given:
        """Nothing is known of ``n`` rows."""
        columns = len(self.tokens.edges)
        tokens = torch.zeros(n, columns, dtype=torch.long, device=self.tokens.edges.device)
        cells = [self.tokens.cells(i) for i in range(columns)]
        u = torch.zeros(tokens.shape, dtype=torch.float64, device=tokens.device)
        return Given(tokens, u, torch.zeros_like(tokens, dtype=torch.bool), cells)

    def draw(self, given: Given, chance: Tensor) -> tuple[Tensor, Tensor]:
        """u (n, D) of the columns that are not known, and how likely it was that all limited ones
        but the first would come to lie within their limits, (n,).

        Each column is drawn from its conditional, within its cells, by its ``chance`` (n, D).
        Limited columns go first.
        """
        tokens, known, u = given.tokens.clone(), given.known.clone(), given.u.clone()
        likely = torch.ones_like(chance[:, 0])
        rest = [i for i in range(chance.shape[1]) if i not in given.limited]
        for i in (*given.limited, *rest):
            if given.known[:, i].all():
                continue
            others, cells = known.clone(), given.cells[i]
            others[:, i] = False
            base = self.copula.given(self.scores(tokens, normal_scores(u)), others, i)
            seen, even = known.float()[None], bool(self.tokens.stepped[i])
            found = self._conditionals(tokens, seen, base.part(None), slice(i, i + 1))
            more, log_p = (part[0].double() for part in found)
            token, drawn, mass = cells.draw(more, log_p.exp(), base, chance[:, i], even)
            tokens[:, i] = torch.where(given.known[:, i], tokens[:, i], token)
            u[:, i] = torch.where(given.known[:, i], u[:, i], drawn)
            known[:, i] = True
            if i in given.limited[1:]:
                likely = likely * mass
        return u, likely

    def _conditionals(
        self, tokens: Tensor, known: Tensor, base: Conditional, chosen: slice
    ) -> tuple[Tensor, Tensor]:
        """By how much, as a log, each token of the ``chosen`` columns is more likely than ``base``
        (C, n) says, and its log p, (C, n, K) both, given the ``known`` (C, n, D)."""
        edges = self.tokens.scores()[chosen][:, None].to(base.mean)
        mass = base.part(..., None).below(edges).diff(dim=-1).float()
        wide = (self.tokens.widths[chosen] > 0)[:, None]
        logits = self.columns(tokens, known, self.tokens.features(), self.tokens.single, chosen)
        logits = logits.float()
        log_mass = torch.where(wide, mass.clamp(min=1e-30).log(), -math.inf)
        total = (logits + log_mass).logsumexp(-1, keepdim=True)
        return logits - total, logits + log_mass - total


def _before(ranks: Tensor) -> Tensor:
    """Which columns each column comes after, (D, n, D), by their ``ranks`` (n, D)."""
    return (ranks[None, :, :] < ranks.T[:, :, None]).float()
