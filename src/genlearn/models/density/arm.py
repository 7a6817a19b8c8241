r"""Any-order autoregressive models: a row's probability as a product of conditionals.

    p(x) = prod_i p(x_i | x_1 .. x_(i-1))

Each conditional is learned for *any* set of known columns (Uria, Murray & Larochelle 2014, "A deep
and tractable density estimator", arXiv 1310.1757; Hoogeboom et al. 2022, "Autoregressive diffusion
models", arXiv 2110.02037), by maximum likelihood over random orders of the columns:

    max E_order sum_i log p(x_order(i) | x_order(1) .. x_order(i-1)).

So what is known stands first, whatever it is, and the rest is drawn from its exact conditional:
draws under conditions need no rejection, and what is missing is filled in, many times over if
wanted. Half of the orders, by default, are the one in which rows are scored and drawn.

**Columns.** Each is brought to [0, 1] by its own distribution function and cut into tokens: a
category, a value that many rows have, missing, or a range of numbers, inside which that function
tells how they lie (`nets.autoregressive`). A network says by how much what is known changes the
share of each token; one that says nothing leaves columns independent, each exactly as it is in the
data. Every column has a network of its own, since columns of a table are of different kinds.

**Density.** log p(x) is exact: of the probability of categories, of whole numbers and of values
that many rows have; of the density, uniform between quantiles, of other numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol, LogProbKind, Scores
from ...core.errors import UserError
from ...core.estimator_types import GradientTrained
from ...core.params import Choice, Range, inherited, param
from ...core.seeding import random_rows, uniform
from ...core.spec import DataSpec, VectorSpec
from ...nets.autoregressive.column_networks import ColumnNetworks
from ...nets.autoregressive.margins import Margins
from ...nets.autoregressive.tokens import Tokens
from ..base import UnconditionalSampler, evaluating

MOST_COLUMNS = 200
_MEASURED = 100_000  # rows that columns are measured by
_ROWS_OF_A_TOKEN = 20
_EMBEDDING = 16
_INPUTS = 1024  # numbers that all columns' embeddings have together, at most
_WIDTHS = {"tiny": 32, "small": 128, "base": 192, "large": 384}


@dataclass(kw_only=True, eq=False, repr=False)
class ARM(GradientTrained, UnconditionalSampler, Scores):
    r"""Autoregressive model of the columns of a table: p(x) = prod_i p(x_i | x_<i), each p(x_i |
    any columns) known.

    Uria, Murray & Larochelle 2014, arXiv 1310.1757; Hoogeboom et al. 2022, arXiv 2110.02037.

    ``random_orders``: the share of the training in which random columns come first; ``tokens``: K,
    the most that a column of numbers is cut into.
    """

    use: ClassVar[str] = "Tables: rows like the real ones, under conditions, with exact log p(x)."
    takes: ClassVar[str] = "half a minute"
    log_prob_kind: ClassVar[LogProbKind] = "exact"

    lr: float = inherited(GradientTrained, "lr", 2e-3)
    tokens: int = param(
        64, "tokens of a column of numbers, at most", low=2, search=Choice(32, 64, 128)
    )
    width: int | None = param(None, "hidden numbers of each column's network", low=1)
    depth: int = param(1, "residual blocks of each column's network", low=0)
    dropout: float = param(
        0.1, "share of hidden numbers left out in training", low=0, high=0.9, search=Range(0, 0.5)
    )
    random_orders: float = param(
        0.5, "share of the training in which random columns are known first", low=0, high=1
    )

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for what is no table, or too wide a one."""
        if len(spec.shape) != 1:
            raise UserError(
                f"arm learns tables, and the examples have shape {spec.user_shape}; take vae, or"
                " flow, for images"
            )
        if spec.dim > MOST_COLUMNS:
            raise UserError(
                f"arm has a network for each column, and takes up to {MOST_COLUMNS}; the data has"
                f" {spec.dim}: take gmm, vae or flow"
            )

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``width_`` and ``tokens_`` are those of the networks; fewer rows support fewer
        tokens."""
        self.width_ = self.width or _WIDTHS[self.size]
        self.tokens_ = max(2, min(self.tokens, self.n_samples_ // _ROWS_OF_A_TOKEN))

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        margins = Margins(spec.dim, self.tokens_)
        tokens = Tokens.even(spec.dim, self.tokens_)
        networks = ColumnNetworks(
            *tokens.features().shape,
            embedding=max(1, min(_EMBEDDING, _INPUTS // spec.dim)),
            width=self.width_,
            depth=self.depth,
            dropout=self.dropout,
        )
        return {"columns": networks, "margins": margins, "tokens": tokens}

    def fit_normalizer(self, data: DatasetProtocol) -> None:
        """The distribution function of each column, and its tokens."""
        x, _ = data.batch(random_rows(self.seed, len(data), _MEASURED, "measure"))
        self._margins.fill(x)
        self._tokens.fill(self._margins.levels)

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        tokens = self._tokens(self._margins(x))
        ranks = _ranks(tokens, self.random_orders)
        log_p = self._log_probabilities(tokens, ranks)
        yield self.networks_, -log_p.sum(1).mean() / self.spec_.dim

    def score_samples(self, X: Any) -> Array:
        """log p(x) in nats, shape (n,), by the columns as they stand."""
        return (self._map(self._log_density, self._values(X)) + self.spec_.log_volume).numpy()

    def sample_batch(self, n: int, seed: int, start: int) -> Array:
        chance = uniform(seed, start, n, (self.spec_.dim,)).to(self.device_)
        with evaluating(self.networks_):
            return self.spec_.to_user(self._margins.inverse(self._quantiles(chance)))

    def _log_density(self, x: Tensor) -> Tensor:
        """Inside, (n,)."""
        tokens = self._tokens(self._margins(x))
        ranks = torch.arange(self.spec_.dim, device=x.device).expand(len(x), -1)
        log_p = self._log_probabilities(tokens, ranks).double() - self._tokens.log_width(tokens)
        return (log_p + self._margins.log_density(x)).sum(1)

    def _log_probabilities(self, tokens: Tensor, ranks: Tensor) -> Tensor:
        """log p(token i | tokens of lower rank), (n, D)."""
        known = (ranks[None, :, :] < ranks.T[:, :, None]).float()
        log_p = self._conditionals(tokens, known, slice(None))
        return log_p.gather(2, tokens.T[..., None])[..., 0].T

    def _conditionals(self, tokens: Tensor, known: Tensor, chosen: slice) -> Tensor:
        """log p of each token of the ``chosen`` columns, (C, n, K), given the ``known`` (C, n,
        D)."""
        places, margins = self._tokens.features(), self._tokens.log_widths()[chosen]
        logits = self.networks_["columns"](
            tokens, known, places, self._tokens.single, chosen
        )
        return (logits.float() + margins.float()[:, None]).log_softmax(-1)

    def _quantiles(self, chance: Tensor) -> Tensor:
        """u (n, D) at which the conditional distribution functions reach ``chance`` (n, D): the
        inverse of Rosenblatt's transform."""
        n, columns = chance.shape
        tokens = torch.zeros(n, columns, dtype=torch.long, device=chance.device)
        known, u = torch.zeros(1, n, columns, device=chance.device), torch.empty_like(chance)
        for i in range(columns):
            p = self._conditionals(tokens, known, slice(i, i + 1))[0].double().exp()
            tokens[:, i], share = _quantile(p, chance[:, i])
            u[:, i] = self._tokens.place(tokens[:, i], i, share)
            known[..., i] = 1
        return u

    @property
    def _margins(self) -> Margins:
        return cast(Margins, self.networks_["margins"])

    @property
    def _tokens(self) -> Tokens:
        return cast(Tokens, self.networks_["tokens"])


def _ranks(tokens: Tensor, share: float) -> Tensor:
    """Places of the columns in an order for each row, (n, D): in a ``share`` of the rows a random
    set of columns goes before the others, and in all others they stand as they are."""
    n, columns = tokens.shape
    first = torch.rand(n, columns, device=tokens.device) < torch.rand(n, 1, device=tokens.device)
    mixed = torch.rand(n, 1, device=tokens.device) < share
    return torch.arange(columns, device=tokens.device) - columns * (first & mixed).long()


def _quantile(p: Tensor, chance: Tensor) -> tuple[Tensor, Tensor]:
    """The token (n,) in which the distribution of ``p`` (n, K) reaches ``chance`` (n,), and at what
    share of it."""
    ends = (p / p.sum(1, keepdim=True)).cumsum(1)
    token = torch.searchsorted(ends, chance[:, None].contiguous(), right=True)
    last = ((p > 0) * torch.arange(p.shape[1], device=p.device)).amax(1, keepdim=True)
    token = token.minimum(last)
    mass, end = p.gather(1, token), ends.gather(1, token)
    share = 1 - (end - chance[:, None]) / mass.clamp(min=1e-300)
    return token[:, 0], share[:, 0].clamp(0, 1)
