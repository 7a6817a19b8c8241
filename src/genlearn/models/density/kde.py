r"""Kernel density estimation: every example is the centre of a small Gaussian.

    p(x) = 1/M sum_j N(x; c_j, h^2 I)                            (Rosenblatt 1956; Parzen 1962)

All that is learned is the bandwidth h, between copying the examples (h too small) and blurring them
(too large). It is where the examples are most likely under one another, each left out of its own
density (Habbema, Hermans & van den Broek 1974; Duin 1976):

    max_h sum_i log 1/(M - 1) sum_{j != i} N(c_i; c_j, h^2 I)

which takes the squared distances once. Beyond a few dimensions it needs more examples than there
are; its samples are noisy copies of training examples, so it is the mark of a model that
memorises. As an *evaluator* of other models' samples it misleads (Theis, van den Oord & Bethge
2015, arXiv 1511.01844).

**Cost.** At most ``centres`` examples are kept, chosen by ``seed``; the bandwidth is that of at
most 1,000 of them under all.

A column that never varies is given the least width there is.

**Discrete images** are dequantised: h^2 includes the variance of a cell, and the score is a lower
bound of the log-probability of the image; a continuous table gets its exact density.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol
from ...core.params import param
from ...core.seeding import normal, random_rows, seed_for, uniform
from ...core.spec import DataSpec
from ...nets.density.kernel_density import KernelDensity, squared_distances
from ..base import evaluating
from ._pca import MIN_VARIANCE, DensityModel, cell_variance, flat_batch

BANDWIDTH_QUERIES = 1000
# bandwidths tried before the best is refined: the likelihood may have several maxima
_BANDWIDTH_GRID = 12


@dataclass(kw_only=True, eq=False, repr=False)
class KDE(DensityModel):
    r"""Kernel density: p(x) = 1/M sum_j N(x; c_j, h^2 I).

    Parzen 1962, "On estimation of a probability density function and mode"; Duin 1976 for the
    choice of h.

    c_j: M = ``centres`` training examples, at most; h: ``bandwidth``, of the half-range of an image
    or of a column's standard deviation.
    """

    use: ClassVar[str] = "A baseline that remembers: its samples are as good as copies."
    takes: ClassVar[str] = "seconds"

    bandwidth: float | None = param(
        None, "width of the kernel (default: by leave-one-out likelihood)", low=1e-3
    )
    centres: int = param(5000, "examples to keep", low=2)

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``centres_`` is M."""
        self.centres_ = min(self.centres, self.n_samples_)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        return {"density": KernelDensity(self.centres_, spec.dim)}

    def estimate(self, data: DatasetProtocol) -> None:
        chosen = random_rows(self.seed, len(data), self.centres_, "centres")
        kernels, cell = self._kernels, cell_variance(self.spec_)
        kernels.centres.copy_(flat_batch(data, chosen))
        varies = (kernels.centres != kernels.centres[0]).any(0) | (cell > 0)
        squares = self._pairwise_squares() + cell * float(varies.sum())
        kernels.variances[varies] = (
            self.bandwidth**2
            if self.bandwidth
            else max_likelihood_variance(squares, int(varies.sum()), cell or MIN_VARIANCE)
        )
        kernels.variances[~varies] = MIN_VARIANCE

    def _pairwise_squares(self) -> Tensor:
        """Squared distances of the first centres to all, infinite to themselves: (queries, M)."""
        centres = self._kernels.centres.double()
        squares = squared_distances(centres[:BANDWIDTH_QUERIES], centres)
        squares.fill_diagonal_(torch.inf)
        return squares

    def sample_batch(self, n: int, seed: int, start: int) -> Array:
        with evaluating(self.networks_):
            eps = normal(seed_for(seed, "x"), start, n, (self.spec_.dim,)).to(self.device_)
            x: Tensor = self._kernels(
                eps, uniform(seed_for(seed, "component"), start, n, ()).to(self.device_)
            )
        return self.spec_.to_user(x.reshape(n, *self.spec_.shape))

    @property
    def _kernels(self) -> KernelDensity:
        kernels = self.networks_["density"]
        assert isinstance(kernels, KernelDensity)
        return kernels


def max_likelihood_variance(squares: Tensor, dim: int, least: float) -> float:
    """The v, at least ``least``, at which the mean over i of log sum_j exp(-squares_ij / 2v) /
    v^(dim/2) is highest."""

    def loss(log_v: float) -> float:
        return 0.5 * dim * log_v - float(
            torch.logsumexp(squares / (-2 * math.exp(log_v)), 1).mean()
        )

    low = math.log(least)
    high = max(math.log(float(squares[squares.isfinite()].mean()) / max(1, dim) + least), low + 1)
    grid = np.linspace(low, high, _BANDWIDTH_GRID)
    best = int(np.argmin([loss(log_v) for log_v in grid]))
    around = (grid[max(0, best - 1)], grid[min(_BANDWIDTH_GRID - 1, best + 1)])
    return math.exp(
        minimize_scalar(loss, bounds=around, method="bounded", options={"xatol": 1e-3}).x
    )
