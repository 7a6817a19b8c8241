"""How the latent space is used.

A latent is *active* if its code varies over the data: Var_x(E[z_u | x]) > 0.01 (Burda et al. 2015,
arXiv 1509.00519, section 5.2). Latents that are not have collapsed to the prior and carry nothing.
Correlated latents carry the same thing twice.

Pitfall: the threshold is meant for codes under a prior of variance 1. Without a prior the scale of
a code is arbitrary, and a latent may carry much with a small variance.
"""

from __future__ import annotations

import math

import numpy as np

from ...core.capabilities import Array
from ..metric import Metric, MetricValue

ACTIVE = 0.01
_Z = 1.96
_CORRELATED = 1024  # latents

METRICS = (
    Metric(
        key="active_units",
        title="Active units",
        group="latent space",
        better="neither",
        meaning=(
            "How many numbers of a code vary with the data, and so carry something; the rest have"
            " collapsed."
        ),
        reference="Burda et al. 2015, arXiv 1509.00519, section 5.2",
    ),
    Metric(
        key="latents",
        title="Size of a code",
        group="latent space",
        better="neither",
        meaning="How many numbers a code has.",
    ),
    Metric(
        key="latent_correlation",
        title="Correlation of latents",
        group="latent space",
        better="lower",
        meaning=(
            "Mean absolute correlation of pairs of latents: 0 where each tells something of its"
            " own, 1 where all tell the same."
        ),
        ideal=0.0,
    ),
)


def figures(codes: Array) -> dict[str, MetricValue]:
    """Active units of ``codes`` (n, d), the size of a code and the correlation of its numbers;
    nothing for fewer than two examples.

    The interval of the number counts the latents whose variance is above and below the threshold
    beyond the error of a variance (normal: Var(s^2) = (m_4 - s^4) / n).
    """
    n = len(codes)
    if n < 2:
        return {}
    codes = codes.astype(np.float64)
    squares = np.square(codes - codes.mean(0))
    variance, error = squares.mean(0), _Z * squares.std(0) / np.sqrt(n)
    active, least, most = (
        int((v > ACTIVE).sum()) for v in (variance, variance - error, variance + error)
    )
    size, correlation = codes.shape[1], _correlation(codes)
    found = {
        "latents": MetricValue(size, size, size, n),
        "latent_correlation": MetricValue(correlation, correlation, correlation, n),
    }
    return {"active_units": MetricValue(active, least, most, n)} | found


def _correlation(codes: Array) -> float:
    """Mean absolute correlation of all pairs of latents that vary, or of evenly chosen ones where
    they are many; 0 where there is no pair."""
    varying = codes[:, codes.var(0) > 1e-12]
    varying = varying[:, :: math.ceil(varying.shape[1] / _CORRELATED) or 1]
    if varying.shape[1] < 2:
        return 0.0
    matrix = np.corrcoef(varying, rowvar=False)
    return float(np.abs(matrix[~np.eye(len(matrix), dtype=bool)]).mean())
