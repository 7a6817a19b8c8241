"""How well real and generated are told apart, whatever a judge likes to answer.

Signal detection (Green & Swets 1966; Macmillan & Creelman 2005): each image gives an impression of
how real it is, normal with variance 1, whose mean is d' higher if it is real; the judge says "real"
above a criterion. From the hit rate H, real called real, and the false alarm rate F, generated
called real,

    d' = z(H) - z(F),    c = -(z(H) + z(F)) / 2,

d' = 0 who cannot tell, and c < 0 who leans to "real". Of pairs the two impressions are compared,
which is sqrt(2) easier: d' = (z(H) - z(F)) / sqrt(2), H and F being the rates of the answer B where
B is real, and where A is; c is then a liking for A. 1/2 is added to each count (log-linear, Hautus
1995), so that who is always right has a finite d', and the variance is that of Gourevitch and
Galanter 1967.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy.stats import norm

from ..core.capabilities import Array
from .proportions import Share, Z, answered, design_effect, residuals, share_of


@dataclass(frozen=True)
class Detection:
    """Discrimination and its 95 % interval, the criterion, and the rates behind them."""

    d_prime: float
    low: float
    high: float
    criterion: float
    hits: Share
    false_alarms: Share


def detect(signal: Array, noise: Array, *, pair: bool = False) -> Detection:
    """Of the answers 0 and 1 (judges, images) to trials where 1 is right, and where it is not; NaN
    is what was not answered."""
    hits, alarms = share_of(signal), share_of(noise)
    sizes = answered(signal), answered(noise)
    if not all(sizes):
        return Detection(nan, nan, nan, nan, hits, alarms)
    rates = [(share.count + 0.5) / (n + 1) for share, n in zip((hits, alarms), sizes, strict=True)]
    at = norm.ppf(rates)
    slopes = norm.pdf(at)
    variance = sum(
        rate * (1 - rate) / (n * slope**2)
        for rate, n, slope in zip(rates, sizes, slopes, strict=True)
    )
    parts = [
        residuals(signal) / (sizes[0] * slopes[0]),
        -residuals(noise) / (sizes[1] * slopes[1]),
    ]
    scale = sqrt(2) if pair else 1.0
    half = Z * sqrt(variance * design_effect(np.concatenate(parts, axis=1))) / scale
    d_prime = float(at[0] - at[1]) / scale
    criterion = -float(at[0] + at[1]) / 2
    return Detection(d_prime, d_prime - half, d_prime + half, criterion, hits, alarms)
