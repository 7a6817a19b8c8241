"""Principal components of rows."""

from __future__ import annotations

import numpy as np

from ...core.capabilities import Array

_NONE = 1e-12  # of the largest eigenvalue, which rounding leaves of none


def spectrum(x: Array) -> tuple[Array, Array, Array]:
    """The mean (d,) of rows (n, d), the min(n, d) largest eigenvalues of their covariance, the
    largest first, and their eigenvectors as columns, (d, min(n, d)): by whichever of X^T X and
    X X^T is smaller, whose eigenvalues are the same. A direction in which fewer rows than columns
    do not vary is a column of zeros."""
    mean, (n, d) = x.mean(0), x.shape
    centred = x - mean
    if d <= n:
        values, vectors = np.linalg.eigh(centred.T @ centred / n)
        return mean, values[::-1].clip(0), vectors[:, ::-1]
    values, rows = np.linalg.eigh(centred @ centred.T / n)
    values, rows = values[::-1].clip(0), rows[:, ::-1]
    varies = values > _NONE * values[0]
    values = np.where(varies, values, 0)
    scales = np.where(varies, 1 / np.sqrt(n * np.where(varies, values, 1)), 0)
    return mean, values, centred.T @ rows * scales
