"""Principal components of rows."""

from __future__ import annotations

import numpy as np

from ...core.capabilities import Array


def spectrum(x: Array) -> tuple[Array, Array, Array]:
    """The mean (d,) of rows (n, d), the eigenvalues of their covariance that are not zero for want
    of rows, the largest first, and their eigenvectors as columns, (d, min(n, d)): by whichever of
    X^T X and X X^T is smaller, whose eigenvalues are the same."""
    mean, (n, d) = x.mean(0), x.shape
    centred = x - mean
    if d <= n:
        values, vectors = np.linalg.eigh(centred.T @ centred / n)
        return mean, values[::-1].clip(0), vectors[:, ::-1]
    values, rows = np.linalg.eigh(centred @ centred.T / n)
    values, rows = values[::-1].clip(0), rows[:, ::-1]
    vectors = centred.T @ rows / np.sqrt(np.maximum(n * values, 1e-300))
    return mean, values, vectors
