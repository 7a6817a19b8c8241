r"""Neural spline flows: a density by a change of variables.

An invertible map f carries data to noise, z = f(x) ~ N(0, I), so that

    log p(x) = log N(f(x); 0, I) + log |det df/dx|

is known exactly and is what is maximised; f gives codes, and its inverse draws. It is made of
steps, each of which mixes the numbers by a linear map and then changes each by an increasing
function that other numbers choose (`nets.flows`). That function is a rational-quadratic spline
(`prob.splines`), which has a closed inverse, and bends where an affine map can only move and
stretch.

**Coupling or autoregressive.** By coupling, half of the numbers say how the other half changes:
one pass each way. Autoregressively, each number is changed by all before it, which fits more
closely; to draw or decode takes a pass for each number.

**Beginning.** Networks answer zero at first, which is the identity, after a map that is measured:
to covariance I, with long tails drawn in (`nets.flows.tails`). So the model begins as the Gaussian
of the data, within four standard deviations, and learns what that leaves over. Of n examples of D
numbers, the covariance is drawn towards the identity by (D / (n + D))^2: it needs that only where
examples are few, however narrow it is.

**Few examples** are soon known by heart. So the free numbers of all splines, which are zero where
these are the identity, are held near it: half the sum of their squares is added to -log p(x), times
(m D / n)^2 for n examples of D numbers, m being ``shrinkage``. (A weight that falls as 1/n was felt
with 46,000 rows before it sufficed with 300.)

**Floors.** Data on a line or on a grid would have an infinite density, and columns of numbers often
repeat. So what is learned is the density of data with a little noise, a thousandth of a column's
standard deviation.

**Precision.** Codes and log p(x) are computed in double precision, gradients in single.

**Discrete images** are dequantised: with u_k uniform on the cell around x,

    log p(x) >= E log 1/K sum_k p(x + u_k),

a bound that rises with K (Theis, van den Oord & Bethge 2015, arXiv 1511.01844; Hoogeboom et al.
2020, arXiv 2001.11235); a continuous table gets its exact density. Every pixel has a spline of its
own: this is a model of rows and codes, and of small images.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol, LogProbKind, Scores
from ...core.errors import UserError
from ...core.estimator_types import ANY_BATCH_SIZE, GradientTrained, Size
from ...core.params import Choice, Range, inherited, param
from ...core.processes import noise_like, uniform_rows
from ...core.seeding import normal, random_rows, seed_for, uniform
from ...core.spec import DataSpec
from ...nets.flows.coupling import Autoregressive, Coupling
from ...nets.flows.flow import Composition, Moved, Transform
from ...nets.flows.linear import LULinear, Whitening
from ...nets.flows.tails import DrawnIn
from ...prob.posteriors import standard_log_prob
from ...prob.splines import RationalQuadraticSpline
from .._encoding import EncoderModel, map_codes
from ..base import UnconditionalSampler

MAX_DIM = 1024
_MEASURED = 10_000  # examples from which the covariance is measured
_NOISE = 1e-3  # on continuous data, in standard deviations
_REACH = 4.0  # standard deviations within which a number is not drawn in
# transforms and hidden units
_SIZES: dict[Size, tuple[int, int]] = {
    "tiny": (3, 32),
    "small": (5, 64),
    "base": (8, 128),
    "large": (10, 256),
}


@dataclass(kw_only=True, eq=False, repr=False)
class NSF(GradientTrained, EncoderModel, UnconditionalSampler, Scores):
    r"""Neural spline flow: max E log N(f(x); 0, I) + log |det df/dx|.

    Durkan, Bekasov, Murray & Papamakarios 2019, "Neural spline flows", arXiv 1906.04032.

    x: data; f: ``transforms`` steps of splines of ``bins`` bins on [-B, B], B = ``tail_bound``, and
    the identity beyond; each has a residual network of ``blocks`` blocks of ``hidden`` units. Codes
    are the noise z = f(x), as many numbers as an example has.
    """

    use: ClassVar[str] = "Exact log p(x), codes and samples of tables and other rows of numbers."
    takes: ClassVar[str] = "5 minutes"

    kind: Literal["coupling", "autoregressive"] = param(
        "coupling",
        "what chooses how a number changes: half of the others, or all before it (which draws a"
        " number at a time)",
        search=Choice("coupling", "autoregressive"),
    )
    batch_size: int | None = inherited(GradientTrained, "batch_size", None, help=ANY_BATCH_SIZE)
    transforms: int | None = param(
        None, "steps of the flow (default: by size)", low=1, search=Range(3, 10)
    )
    hidden: int | None = param(
        None,
        "hidden units of each network (default: by size)",
        low=1,
        search=Range(32, 256, log=True),
    )
    blocks: int = param(1, "residual blocks of each network", low=0)
    bins: int = param(16, "bins of a spline", low=2, high=500, search=Range(4, 32))
    tail_bound: float = param(
        3.0, "splines reach from minus this to this, in standard deviations", low=1e-3
    )
    shrinkage: float = param(
        100.0,
        "examples for each of their numbers that it takes to bend far from the Gaussian of the"
        " data; 0 for no such prior",
        low=0,
        search=Range(10, 300, log=True),
    )
    evaluation_samples: int = param(
        16, "draws from the cell of a discrete image for its log p: more raise the bound", low=1
    )
    anchored_: bool = field(default=True, init=False)

    @property
    def log_prob_kind(self) -> LogProbKind:
        """exact for continuous data; bound for discrete images, whose cells are integrated by
        draws, and for tables that are dequantised."""
        return "bound" if self.spec_.dequantised else "exact"

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for examples of too many numbers."""
        super().check_data(spec)
        if spec.dim > MAX_DIM:
            raise UserError(
                f"nsf has a spline for each number of an example, and takes at most {MAX_DIM:,};"
                f" examples here have {spec.dim:,}; take flow, or nsf on codes of an autoencoder"
            )

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``latent_dim_``, ``transforms_`` and ``hidden_`` are what is built."""
        super().resolve_hyperparameters(spec)
        transforms, hidden = _SIZES[self.size]
        self.latent_dim_, self.anchored_ = spec.dim, True
        self.transforms_, self.hidden_ = self.transforms or transforms, self.hidden or hidden

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        dim = spec.dim
        spline = RationalQuadraticSpline(self.bins, self.tail_bound)
        # a half of one number is nothing to choose by
        step = Coupling if self.kind == "coupling" and dim > 1 else Autoregressive
        steps: list[Transform] = []
        for _ in range(self.transforms_):
            steps += [LULinear(_order(dim)), step(dim, spline, self.hidden_, self.blocks)]
        start = [Whitening(dim), DrawnIn(_REACH), Whitening(dim), DrawnIn(_REACH)]
        return {"start": Composition(start), "flow": Composition(steps)}

    def fit_normalizer(self, data: DatasetProtocol) -> None:
        """The scale of each number, and then the covariance of all, of what is learned from."""
        super().fit_normalizer(data)
        rows = np.sort(random_rows(self.seed, len(data), _MEASURED, "whitening"))
        x = self._smoothed(data.batch(rows)[0]).flatten(1).to(self.device_)
        scale, tails, whitening, _ = cast(Composition, self.networks_["start"]).parts
        cast(Whitening, scale).fill(*_moments(x, correlated=False))
        cast(Whitening, whitening).fill(*_moments(tails(scale(x)[0])[0], correlated=True))

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        z, log_det, free = self._forward(self._smoothed(x))
        squares = sum((part.square().sum() for part in free), x.new_zeros(())) / len(x)
        weight = (self.shrinkage * self.spec_.dim / self.n_samples_) ** 2
        log_p = (standard_log_prob(z) + log_det).mean()
        yield self.networks_, (0.5 * weight * squares - log_p) / self.spec_.dim

    def held_out_loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(x) in nats for each number of x, inside: (B, *shape) -> ()."""
        return -self._log_prob(self._smoothed(x)).mean() / self.spec_.dim

    def score_samples(self, X: Any) -> Array:
        """log p(x) in nats, shape (n,); for discrete data a lower bound of the log-probability of
        the example, by the same K = ``evaluation_samples`` draws from the cell for all."""
        return self._log_density(self._score, X)

    def encode_tensor(self, x: Tensor) -> Tensor:
        return self._forward(x.double()).z.float()

    def decode_tensor(self, z: Tensor) -> Tensor:
        x = z.double()
        for name in ("flow", "start"):
            x = cast(Composition, self.networks_[name]).inverse(x)
        return x.reshape(-1, *self.spec_.shape)

    def sample_batch(self, n: int, seed: int, start: int) -> Array:
        z = normal(seed, start, n, (self.latent_dim_,))
        return self.spec_.to_user(map_codes(self, z, self.decode_tensor))

    def _score(self, x: Tensor) -> Tensor:
        width, draws, x = self.spec_.bin_width, self.evaluation_samples, x.double()
        if width is None:
            return self._log_prob(x)
        cell = uniform(seed_for(self.seed, "score"), 0, draws, self.spec_.shape) - 0.5
        parts = [self._log_prob(x + width * u) for u in cell.to(x)]
        return torch.stack(parts).logsumexp(0) - math.log(draws)

    def _log_prob(self, x: Tensor) -> Tensor:
        """log p(x) inside: (B, *shape) -> (B,)."""
        z, log_det, _ = self._forward(x)
        return standard_log_prob(z) + log_det

    def _smoothed(self, x: Tensor) -> Tensor:
        """``x`` with the noise that it is learned with, from torch's generator."""
        width = self.spec_.bin_width
        if width is None:
            return torch.add(x, noise_like(x), alpha=_NOISE)
        u = uniform_rows(*x.shape, device=x.device)
        return torch.add(x, u - 0.5, alpha=width)

    def _forward(self, x: Tensor) -> Moved:
        """(B, *shape) to the noise."""
        near, log_det, _ = self.networks_["start"](x.flatten(1))
        z, more, free = self.networks_["flow"](near)
        return Moved(z, log_det + more, free)


def _moments(x: Tensor, correlated: bool) -> tuple[Tensor, Tensor]:
    """Mean (D,) and covariance (D, D) of rows, shrunk, or its diagonal alone; double."""
    (n, dim), x = x.shape, x.double().cpu()
    mean, scale = x.mean(0), x.std(0, correction=0).clamp(min=_NOISE)
    if not correlated:
        return mean, scale.square().diag()
    z, share = (x - mean) / scale, (dim / (n + dim)) ** 2
    shrunk = (1 - share) * z.T @ z / n + share * torch.eye(dim)
    return mean, shrunk * scale[:, None] * scale


def _order(dim: int) -> Tensor:
    """The last half of the places and then the first, each in random order, so that what said how
    others change is changed by them next."""
    seen = dim // 2
    return torch.cat([seen + torch.randperm(dim - seen), torch.randperm(seen)])
