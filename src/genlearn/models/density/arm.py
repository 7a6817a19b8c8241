r"""Any-order autoregressive models: a row's probability as a product of conditionals.

    p(x) = prod_i p(x_i | x_1 .. x_(i-1))

Each conditional is learned for *any* set of known columns (Uria, Murray & Larochelle 2014, "A deep
and tractable density estimator", arXiv 1310.1757; Hoogeboom et al. 2022, "Autoregressive diffusion
models", arXiv 2110.02037), by maximum likelihood over random orders of the columns:

    max E_order sum_i log p(x_order(i) | x_order(1) .. x_order(i-1)).

So what is known stands first, whatever it is, and the rest is drawn from its conditional: no draw
is rejected for values that are given, nor for the range of one column, whose conditional is cut and
renormalised. For ranges of several columns, a row is taken as often as the later ones are likely to
hold, which is known, and drawn again otherwise: all of it is exact for the model. What is missing
is filled in by the same means, many times over if wanted. Half of the orders, by default, are the
one in which rows are scored and drawn.

**Columns.** Each is brought to [0, 1] by its own distribution function and cut into tokens: a
category, a value that many rows have, missing, or a range of numbers, inside which the start tells
how they lie (`nets.autoregressive`). The start is the Gaussian copula of the columns, whose
conditionals are known in closed form; a network for each column, since columns of a table are of
different kinds, says by how much what is known changes the share of each token beside that.

**Density.** log p(x) is exact: of the probability of categories, of whole numbers and of values
that many rows have; of the density of other numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal, Unpack, cast

import numpy as np
import pandas as pd
import torch
from scipy.special import ndtri
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ...core.capabilities import (
    Array,
    DatasetProtocol,
    Inpaints,
    LogProbKind,
    Samples,
    Scores,
    ScoresColumns,
)
from ...core.errors import UserError
from ...core.estimator_types import GradientTrained
from ...core.options import ConditionOptions, check_options
from ...core.params import Choice, Range, inherited, param
from ...core.processes import filled_by_first
from ...core.seeding import random_rows, seed_for, uniform
from ...core.spec import DataSpec, TableSpec, VectorSpec
from ...data.columns.frames import from_frame
from ...engine.runs.run_options import RunOptions
from ...nets.autoregressive.column_networks import ColumnNetworks
from ...nets.autoregressive.copula import GaussianCopula
from ...nets.autoregressive.cuts import table_tokens
from ...nets.autoregressive.margins import Margins
from ...nets.autoregressive.orders import random_ranks
from ...nets.autoregressive.tokens import Tokens
from .._drawing import in_batches
from .._mask import broadcast_mask
from ..base import Estimator, evaluating
from ._given import balanced, given_where, there
from ._rows import Given, Rows

MOST_COLUMNS = 200
_PATIENCE, _FEWEST_HELD_OUT = 4, 10  # marks of the held-out curve, and rows of it
_CHUNK, _TRIES = 512, 2000  # rows that are drawn at a time, and how often under conditions
_MEASURED = 100_000  # rows that columns are measured by
_TOKENS = 0.8  # of a column, for each square root of a row
_EMBEDDING = 16
_INPUTS = 1024  # numbers that all columns' embeddings have together, at most
_WIDTHS = {"tiny": 32, "small": 128, "base": 192, "large": 384}


@dataclass(kw_only=True, eq=False, repr=False)
class ARM(GradientTrained, Estimator, Samples, Scores, ScoresColumns, Inpaints):
    r"""Autoregressive model of the columns of a table: p(x) = prod_i p(x_i | x_<i), each p(x_i |
    any columns) known.

    Uria, Murray & Larochelle 2014, arXiv 1310.1757; Hoogeboom et al. 2022, arXiv 2110.02037.

    ``random_orders``: the share of the training in which random columns come first, in random
    order; ``tokens``: K, the most that a column of numbers is cut into.
    """

    use: ClassVar[str] = "Tables: rows like the real ones, under conditions, with exact log p(x)."
    takes: ClassVar[str] = "half a minute"
    log_prob_kind: ClassVar[LogProbKind] = "exact"
    fills_gaps: ClassVar[bool] = True
    sampling_options: ClassVar[type[ConditionOptions]] = ConditionOptions

    lr: float = inherited(GradientTrained, "lr", 2e-3)
    batch_size: int = inherited(GradientTrained, "batch_size", 256)
    anchor: Literal["copula", "none"] = param(
        "copula",
        "what the networks begin as, to learn the rest (copula: that of a Gaussian)",
    )
    tokens: int = param(
        160,
        "tokens of a column of numbers, at most; fewer rows have fewer",
        low=2,
        search=Choice(40, 80, 160),
    )
    width: int | None = param(None, "hidden numbers of each column's network", low=1)
    depth: int = param(1, "residual blocks of each column's network", low=0)
    dropout: float = param(
        0.1, "share of hidden numbers left out in training", low=0, high=0.9, search=Range(0, 0.5)
    )
    held_out: float = param(
        0.1,
        "share of the rows by which training is watched, to keep the weights that suit them best"
        " (0: all are learned from)",
        low=0,
        high=0.5,
    )
    random_orders: float = param(
        0.5, "share of the training in which random columns are known first", low=0, high=1
    )

    def watching(self, n: int, validation: Any, options: RunOptions) -> tuple[Any, RunOptions]:
        """By default the share ``held_out``: the training ends where its rows become no more
        likely, with the weights that suit them best, since a network for each column soon knows a
        few thousand rows by heart."""
        if validation is None and n * self.held_out >= _FEWEST_HELD_OUT:
            validation = self.held_out
        if validation is not None and self.held_out and options.patience is None:
            options = replace(options, patience=_PATIENCE)
        return validation, options

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
        """``width_`` and ``tokens_`` are the networks'; fewer rows support fewer tokens."""
        self.anchored_ = self.anchor == "copula"
        self.width_ = self.width or _WIDTHS[self.size]
        self.tokens_ = max(2, min(self.tokens, int(_TOKENS * math.sqrt(self.n_samples_))))

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        if isinstance(spec, TableSpec):
            margins, tokens = Margins(spec.dim), table_tokens(spec, self.tokens_)
        else:
            margins = Margins(spec.dim, self.tokens_)
            tokens = Tokens.even(spec.dim, self.tokens_)
        networks = ColumnNetworks(
            *tokens.features().shape,
            embedding=max(1, min(_EMBEDDING, _INPUTS // spec.dim)),
            width=self.width_,
            depth=self.depth,
            dropout=self.dropout,
        )
        copula = GaussianCopula(spec.dim)
        return {"columns": networks, "margins": margins, "tokens": tokens, "copula": copula}

    def fit_normalizer(self, data: DatasetProtocol) -> None:
        """Margins and tokens of the columns, unless the spec tells them; and the copula."""
        rows, some = self._rows, random_rows(self.seed, len(data), _MEASURED, "measure")
        x, _ = data.batch(some)
        if not isinstance(self.spec_, TableSpec):
            rows.margins.fill(x)
            rows.tokens.fill(rows.margins.levels)
        if self.anchored_:
            filled_by_first(rows.copula, lambda: rows.fill_copula(x))

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        log_p = self._rows.log_probabilities(x, random_ranks(x, self.random_orders))
        yield self.networks_, -log_p.sum(1).mean() / self.spec_.dim

    def score_samples(self, X: Any) -> Array:
        """log p(x) in nats, shape (n,), by the columns as they stand."""
        return self._log_density(self._rows.log_density, X)

    def score_columns(self, X: Any) -> Array:
        """log p(x_j | the other columns) in nats, (n, D), exact; what is known of a row tells how
        surprising each of its values is."""
        values, spec = self._values(X), self.spec_
        assert isinstance(spec, (TableSpec, VectorSpec))
        return np.asarray(self._map(self._rows.log_conditionals, values) + spec.log_volumes(values))

    def sample(  # type: ignore[override]
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[ConditionOptions],
    ) -> Array:
        """``n`` new rows, number ``start`` and on of the stream named by ``seed`` (default: the
        model's); each depends on these two alone.

        ``where``: conditions that all of them meet, such as 'species=Gentoo, mass>5000'; they are
        draws of p(x | conditions). ``balance``: a column of which each level comes in turn, so that
        all are drawn equally often; each row is a draw of p(x | level, conditions). Raises
        `UserError` for what cannot be met.
        """
        check_is_fitted(self)
        check_options(options, self.sampling_options, type(self).__name__)
        draw = partial(self._drawn, where=options.get("where"), balance=options.get("balance"))
        return in_batches(self, n, seed, start, draw)

    def _drawn(
        self, n: int, seed: int, start: int, where: str | None = None, balance: str | None = None
    ) -> Array:
        """Rows are drawn again, one by one, until each meets all conditions: with the first column
        drawn within its limits, the others keep to theirs as often as they are likely to."""
        given = given_where(n, where, self.spec_, self._rows)
        if balance is not None:
            given = balanced(given, balance, start, self.spec_, self._rows)
        u, left = given.u.clone(), torch.arange(n, device=self.device_)
        for number in range(_TRIES if len(given.limited) > 1 else 1):
            name = seed_for(seed, number) if number else seed
            chance = uniform(name, start, n, (self.spec_.dim + 1,)).to(self.device_)[left]
            with evaluating(self.networks_):
                drawn, likely = self._rows.draw(given.of(left), chance[:, :-1])
            taken = chance[:, -1] <= likely
            u[left[taken]], left = drawn[taken], left[~taken]
            if not len(left):
                with evaluating(self.networks_):
                    return self.spec_.to_user(self._rows.margins.inverse(u))
        raise UserError(
            f"where={where!r} was given, and after {_TRIES} tries {len(left)} of {n} rows do not"
            " meet all of it: hardly any row does; ask for less at once"
        )

    def inpaint(self, X: Any, mask: Any = None, *, seed: int | None = None) -> Array:
        """Rows ``X`` with new values where ``mask`` is true (default: where a value is missing),
        drawn from what they are given the rest of the row, which stays as it is; another seed gives
        another draw. A new value is never missing.

        ``mask``: (D,), or (n, D). Raises `UserError` for another.
        """
        values, gaps = self._with_gaps(X)
        missing = broadcast_mask(gaps if mask is None else mask, values)
        filled = np.where(missing & gaps, self._rows_of_no_one(len(values)), values)
        x, name = self.spec_.to_internal(filled), seed_for(self.seed if seed is None else seed, "x")
        drawn = []
        with evaluating(self.networks_):
            for first in range(0, len(x), _CHUNK):
                part = x[first : first + _CHUNK].to(self.device_)
                known = torch.from_numpy(~missing[first : first + _CHUNK]).to(self.device_)
                u, cells = self._rows.margins(part), there(self.spec_, self._rows)
                given = Given(self._rows.encode(part), u, known, cells)
                chance = uniform(name, first, len(part), (self.spec_.dim,)).to(self.device_)
                u = self._rows.draw(given, chance)[0]
                drawn.append(self.spec_.to_user(self._rows.margins.inverse(u)))
        return np.where(missing, np.concatenate(drawn), values)

    def _with_gaps(self, X: Any) -> tuple[Array, Array]:
        """Rows as numbers, and where they are missing, (n, D) both; also in columns in which
        nothing was missing before."""
        check_is_fitted(self)
        if isinstance(self.spec_, TableSpec) and isinstance(X, pd.DataFrame):
            values = from_frame(X, self.spec_)[0]
        elif isinstance(X, np.ndarray) and X.dtype.kind == "f" and X.ndim == 2:
            values = X
        else:
            values = self._values(X)
        gaps = np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
        self.spec_.checked(np.where(gaps, self._rows_of_no_one(len(values)), values))
        return values, gaps

    def _rows_of_no_one(self, n: int) -> Array:
        """Rows that stand in where nothing is known."""
        return np.repeat(self.spec_.to_user(torch.zeros(1, self.spec_.dim)), n, 0)

    @property
    def _rows(self) -> Rows:
        parts = self.networks_
        return Rows(
            cast(ColumnNetworks, parts["columns"]),
            cast(Margins, parts["margins"]),
            cast(Tokens, parts["tokens"]),
            cast(GaussianCopula, parts["copula"]),
            most=-ndtri(0.5 / self.n_samples_) if isinstance(self.spec_, TableSpec) else math.inf,
        )
