"""Rows of columns by the conditionals of each: log p(x), and draws given what is known."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ...nets.autoregressive.column_networks import ColumnNetworks
from ...nets.autoregressive.margins import Margins
from ...nets.autoregressive.tokens import Cells, Tokens


@dataclass(frozen=True)
class Given:
    """What is known of rows: their ``tokens`` (n, D) where ``known`` (n, D), and for each column
    what may be drawn, ``cells``; ``limited``: the columns of which that is not all."""

    tokens: Tensor
    known: Tensor
    cells: list[Cells]
    limited: tuple[int, ...] = field(default=())


@dataclass(frozen=True, eq=False)
class Rows:
    """p(x) = prod_i p(x_i | x_<i), by networks, margins and tokens of D columns."""

    columns: ColumnNetworks
    margins: Margins
    tokens: Tokens

    def encode(self, x: Tensor) -> Tensor:
        """Tokens (n, D) of x (n, D)."""
        tokens: Tensor = self.tokens(self.margins(x))
        return tokens

    def log_density(self, x: Tensor) -> Tensor:
        """log p(x), (n,), by the columns as they stand."""
        tokens = self.encode(x)
        ranks = torch.arange(x.shape[1], device=x.device).expand(len(x), -1)
        return self._densities(x, tokens, self.log_probabilities(tokens, ranks)).sum(1)

    def log_conditionals(self, x: Tensor) -> Tensor:
        """log p(x_i | all other columns), (n, D)."""
        tokens = self.encode(x)
        others = 1 - torch.eye(x.shape[1], device=x.device)
        known = others[:, None].expand(-1, len(x), -1)
        log_p = self._conditionals(tokens, known, slice(None))
        return self._densities(x, tokens, log_p.gather(2, tokens.T[..., None])[..., 0].T)

    def _densities(self, x: Tensor, tokens: Tensor, log_p: Tensor) -> Tensor:
        """Of probabilities of ``tokens`` (n, D), log-densities of ``x``."""
        return log_p.double() - self.tokens.log_width(tokens) + self.margins.log_density(x)

    def log_probabilities(self, tokens: Tensor, ranks: Tensor) -> Tensor:
        """log p(token i | tokens of lower rank), (n, D)."""
        known = (ranks[None, :, :] < ranks.T[:, :, None]).float()
        log_p = self._conditionals(tokens, known, slice(None))
        return log_p.gather(2, tokens.T[..., None])[..., 0].T

    def unknown(self, n: int) -> Given:
        """Nothing is known of ``n`` rows."""
        columns = len(self.tokens.edges)
        tokens = torch.zeros(n, columns, dtype=torch.long, device=self.tokens.edges.device)
        cells = [self.tokens.cells(i) for i in range(columns)]
        return Given(tokens, torch.zeros_like(tokens, dtype=torch.bool), cells)

    def draw(self, given: Given, chance: Tensor) -> tuple[Tensor, Tensor]:
        """u (n, D) of the columns that are not known, and how likely it was that all limited ones
        but the first would come to lie within their limits, (n,).

        Each column's u is where its conditional distribution function, within its cells, reaches
        ``chance`` (n, D): the inverse of Rosenblatt's transform. Limited columns go first.
        """
        tokens, known, u = given.tokens.clone(), given.known.float(), torch.zeros_like(chance)
        likely = torch.ones_like(chance[:, 0])
        rest = [i for i in range(chance.shape[1]) if i not in given.limited]
        for i in (*given.limited, *rest):
            if given.known[:, i].all():
                continue
            p = self._conditionals(tokens, known[None], slice(i, i + 1))[0].double().exp()
            token, u[:, i] = given.cells[i].quantile(p, chance[:, i])
            tokens[:, i] = torch.where(given.known[:, i], tokens[:, i], token)
            known[:, i] = 1
            if i in given.limited[1:]:
                likely = likely * given.cells[i].mass(p)
        return u, likely

    def _conditionals(self, tokens: Tensor, known: Tensor, chosen: slice) -> Tensor:
        """log p of each token of the ``chosen`` columns, (C, n, K), given the ``known`` (C, n,
        D)."""
        margins = self.tokens.log_widths()[chosen].float()
        logits = self.columns(tokens, known, self.tokens.features(), self.tokens.single, chosen)
        log_p: Tensor = (logits.float() + margins[:, None]).log_softmax(-1)
        return log_p
