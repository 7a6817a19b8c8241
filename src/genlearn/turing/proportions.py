"""Shares of answers: how sure they are, and what they show.

*Interval*: Wilson 1927, which keeps its level at any share and any number; of a difference of two
shares, Newcombe 1998 (method 10), which is made of two of them. *Against chance*: the exact
binomial test, two-sided. *Equivalence*: two one-sided tests (Schuirmann 1987) that the share lies
within 10 points of chance. "Not shown to differ" is not "shown not to differ": 20 right of 40 are
neither.

Several judges see the same images, so their answers are no independent draws. With e the residuals
(judges, images), the variance of the mean is V = V_judges + V_images - V_answers, each summed
within its clusters first (Cameron, Gelbach & Miller 2011), no cluster adding less than nothing.
Then n answers are worth n / deff, deff = V / V_answers (Kish 1965), and few judges count for less
still, as by Student's t (Korn & Graubard 1998). A bootstrap over judges and images would count the
noise of each answer three times (Owen 2007). Of one judge deff is 1, and all is the textbook's.

NaN is what a judge has not answered, which counts for nothing: its residual is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy.special import betainc
from scipy.stats import norm
from scipy.stats import t as student

from ..core.capabilities import Array

Z = float(norm.ppf(0.975))
MARGIN = 0.1  # what is called equivalent to chance


@dataclass(frozen=True)
class Share:
    """``count`` of ``n`` answers, with the 95 % interval of the share."""

    count: float
    n: int
    value: float
    low: float
    high: float
    effective: float  # how many independent answers they are worth


def share_of(values: Array) -> Share:
    """The share of ones in ``values`` (judges, images)."""
    count, n = float(np.nansum(values)), answered(values)
    if not n:
        return Share(0, 0, nan, nan, nan, 0)
    effective = n / design_effect(residuals(values))
    low, high = wilson(count / n, effective)
    return Share(count, n, count / n, low, high, effective)


def answered(values: Array) -> int:
    """How many of ``values`` (judges, images) there are."""
    return int((~np.isnan(values)).sum())


def residuals(values: Array) -> Array:
    """``values`` (judges, images), one at least, less their mean; 0 of what was not answered."""
    return np.asarray(np.nan_to_num(values - np.nanmean(values)))


def difference_of(first: Array, second: Array) -> tuple[float, float, float]:
    """The share of ones in ``first`` less that in ``second``, answers of the same judges (judges,
    images), with its 95 % interval; NaN where there are none."""
    m, n = answered(first), answered(second)
    if not m or not n:
        return nan, nan, nan
    effect = design_effect(np.concatenate([residuals(first) / m, -residuals(second) / n], axis=1))
    one, other = float(np.nanmean(first)), float(np.nanmean(second))
    return one - other, *newcombe(one, m / effect, other, n / effect)


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share of ``n`` independent answers; all that is possible of none."""
    if not n:
        return 0.0, 1.0
    centre, scale = share + Z**2 / (2 * n), 1 + Z**2 / n
    half = Z * sqrt(max(share * (1 - share) / n + Z**2 / (4 * n**2), 0))
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def newcombe(first: float, m: float, second: float, n: float) -> tuple[float, float]:
    """The 95 % interval of ``first - second``, shares of ``m`` and ``n`` independent answers."""
    (l1, u1), (l2, u2) = wilson(first, m), wilson(second, n)
    below = sqrt((first - l1) ** 2 + (u2 - second) ** 2)
    above = sqrt((u1 - first) ** 2 + (second - l2) ** 2)
    return first - second - below, first - second + above


def p_chance(share: float, n: float, chance: float = 0.5) -> float:
    """The probability of a share as far from chance, by guessing: twice the smaller tail."""
    return min(1.0, 2 * min(at_most(share, n, chance), at_least(share, n, chance)))


def p_equivalent(share: float, n: float, margin: float = MARGIN) -> float:
    """The larger p of the two tests that the share lies within ``margin`` of one half."""
    return max(at_least(share, n, 0.5 - margin), at_most(share, n, 0.5 + margin))


def at_least(share: float, n: float, chance: float) -> float:
    """P(X >= share n) of a binomial; the beta function carries it on to an ``n`` that is no whole
    number."""
    right = share * n
    return 1.0 if right <= 0 else float(betainc(right, n - right + 1, chance))


def at_most(share: float, n: float, chance: float) -> float:
    """P(X <= share n) of a binomial."""
    return at_least(1 - share, n, 1 - chance)


def design_effect(residuals: Array) -> float:
    """How many of the answers behind ``residuals`` (judges, images), which may be weighted, are
    worth one independent answer."""
    judges, images = residuals.shape
    answers = float((residuals**2).sum())
    if judges < 2 or images < 2:
        return 1.0
    if not answers:  # all alike: nothing is known of how they hang together
        return float(min(judges, images))
    beyond = [
        max(0.0, count / (count - 1) * float((residuals.sum(axis) ** 2).sum()) - answers)
        for axis, count in ((1, judges), (0, images))
    ]
    whole = answers + sum(beyond)
    unsure = beyond[0] ** 2 / (judges - 1) + beyond[1] ** 2 / (images - 1)
    if not unsure:
        return 1.0
    wider = student.ppf(0.975, whole**2 / unsure) / Z  # degrees of freedom: Satterthwaite 1946
    return float(whole / answers * wider**2)


def agreement(given: Array) -> tuple[float, float, float]:
    """Fleiss' kappa of answers 0 and 1 (judges, images), with its 95 % interval by leaving out one
    image at a time (Fleiss 1971; Efron & Stein 1981): 0 as by chance, 1 if all answer alike. Images
    that fewer than two have answered say nothing. NaN where none is left, or all answers are the
    same."""
    seen = (~np.isnan(given)).sum(0).astype(float)
    ones, seen = np.nansum(given, axis=0)[seen > 1], seen[seen > 1]
    images = len(seen)
    value = _kappa(ones, seen)
    without = np.array([_kappa(np.delete(ones, i), np.delete(seen, i)) for i in range(images)])
    if images < 3 or not np.isfinite(without).all():
        return value, nan, nan
    half = Z * sqrt((images - 1) / images * float(((without - without.mean()) ** 2).sum()))
    return value, max(-1.0, value - half), min(1.0, value + half)


def _kappa(ones: Array, seen: Array) -> float:
    """Of images that ``seen`` judges have answered each, ``ones`` of them with 1."""
    share = float(ones.sum() / seen.sum()) if len(seen) else 0.0
    if share in (0, 1):
        return nan
    alike = (ones * (ones - 1) + (seen - ones) * (seen - ones - 1)) / (seen * (seen - 1))
    chance = share**2 + (1 - share) ** 2
    return float((alike.mean() - chance) / (1 - chance))
