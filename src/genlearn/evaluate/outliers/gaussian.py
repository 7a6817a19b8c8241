r"""The Gaussian of a set of examples, full in its leading directions and even across them:
probabilistic PCA (Tipping & Bishop 1999), fitted by maximum likelihood.

    log N(x; m, C) = -1/2 (sum_i z_i^2 / lambda_i + |r|^2 / s^2
                           + sum_i log lambda_i + (D - q) log s^2 + D log 2 pi)

z the coordinates of x - m along the q axes, r what is across them; lambda and s^2 are no less than
the variance within a level of discrete data, since constant pixels would have none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA

from ...core.capabilities import Array

_AXES, _DENSE = 64, 1024  # directions, and the dimensions up to which all of them are computed
_LEAST = 1e-4  # of the mean variance, which continuous data has at least in each direction


@dataclass(frozen=True, eq=False)
class Gaussian:
    """``mean`` (D,), ``axes`` (q, D), their ``variances`` (q,), and that ``across`` them."""

    mean: Array
    axes: Array
    variances: Array
    across: float

    @staticmethod
    def of(x: Array, bin_width: float | None = None) -> Gaussian:
        """The Gaussian of ``x`` (n, D), whose levels lie ``bin_width`` apart where it is
        discrete."""
        n, dim = x.shape
        axes = max(1, min(_AXES, n - 1, dim))
        solver = "covariance_eigh" if dim <= _DENSE else "randomized"
        with np.errstate(invalid="ignore"):  # shares of a variance of zero
            found = PCA(axes, svd_solver=solver, random_state=0).fit(x)
        total = float(x.var(0, ddof=1).sum())
        least = max(_LEAST * total / dim, (bin_width or 0.0) ** 2 / 12, 1e-12)
        left = (total - found.explained_variance_.sum()) / max(1, dim - axes)
        variances = np.maximum(found.explained_variance_, least)
        return Gaussian(found.mean_, found.components_, variances, max(float(left), least))

    def log_prob(self, x: Array) -> Array:
        """log N(x; m, C) in nats, (n,), of ``x`` (n, D)."""
        centred, dim = x - self.mean, x.shape[1]
        z = centred @ self.axes.T
        rest = np.maximum(np.square(centred).sum(1) - np.square(z).sum(1), 0)
        distance = (np.square(z) / self.variances).sum(1) + rest / self.across
        log_det = np.log(self.variances).sum() + (dim - len(self.axes)) * math.log(self.across)
        return np.asarray(-0.5 * (distance + log_det + dim * math.log(2 * math.pi)))
