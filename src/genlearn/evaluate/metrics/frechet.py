"""Frechet distance: the Wasserstein-2 distance, squared, of the Gaussians that have the means and
covariances of two sets.

    FD = ||m1 - m2||^2 + tr(C1 + C2 - 2 (C1 C2)^{1/2})

Frechet 1957; Dowson & Landau 1982; on Inception features it is the FID of Heusel et al. 2017 (arXiv
1706.08500). With centred data matrices A_i = X_i / sqrt(n_i - 1) the covariances are A_i^T A_i, and
the trace of the root is the nuclear norm of A1 A2^T, which needs neither a matrix root nor full
rank: constant features and n < d lose no accuracy. R of A = Q R has the same A^T A and only d rows.

Pitfalls: biased upwards by about d/n + d(d + 1)/(4n) for each set (features of covariance I), so
that values at different n do not compare; sees only two moments, so that samples of the right mean
and covariance fool it; its scale is that of the features; copies of the data score best.
"""

from __future__ import annotations

import numpy as np

from ..metric import Metric, SetMetric
from ._distances import Array


def frechet(real: Array, fake: Array) -> float:
    """FD of two sets of feature vectors, (n, d) and (m, d), with covariances of n - 1 degrees of
    freedom."""
    (m1, a1), (m2, a2) = _moments(real), _moments(fake)
    root = np.linalg.svd(a1 @ a2.T, compute_uv=False).sum()
    distance = np.square(m1 - m2).sum() + np.square(a1).sum() + np.square(a2).sum() - 2 * root
    return max(0.0, float(distance))


def _moments(x: Array) -> tuple[Array, Array]:
    """Mean and A with A^T A = covariance, A of at most d rows."""
    mean = x.mean(0, dtype=np.float64)
    a = (x - mean) / np.sqrt(max(len(x) - 1, 1))
    return mean, np.asarray(np.linalg.qr(a, mode="r")) if len(a) > a.shape[1] else a


METRIC = SetMetric.single(
    Metric(
        key="frechet",
        title="Frechet distance",
        group="samples",
        better="lower",
        meaning=(
            "Do samples have the average and the variation of real data? Zero is a perfect match;"
            " with few examples even real data scores more."
        ),
        reference="Heusel et al. 2017, arXiv 1706.08500",
        ideal=0.0,
        headline=True,
        least=0.0,
    ),
    frechet,
    needs="features",
    order=1,
    largest=50_000,
)
