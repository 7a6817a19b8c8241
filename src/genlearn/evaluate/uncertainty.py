"""How sure a number is, and what differs.

*Half-samples*. The variance of a smooth statistic at n examples is that of the statistic at n/2
examples drawn from the n without replacement: for a mean, (1 - 1/2) s^2 / (n/2) = s^2/n. McCarthy
1969; Shao & Wu 1989 (the delete-d jackknife). The bootstrap draws duplicates instead, which lie at
distance 0 of one another and ruin every metric of nearest neighbours. For a statistic that is
quadratic about its minimum (distances near 0) it is too large, by up to sqrt(3): on the safe side.

*Floor*. Real against real: what the truth itself would score with as many examples. The interval is
one for a new draw (99 %), not for the mean.

*Tiers*. A model is clearly better than another if its value is better and neither value lies in the
other's interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, isnan, nan, sqrt

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from ..core.capabilities import Array
from ..core.seeding import seed_for
from .metric import Better, MetricValue, SetMetric

_Z = 1.96
_LARGE = 2000
_RESAMPLES, _AT_ONCE = 1000, 50
Function = Callable[[Array, Array], tuple[float, ...]]


def half_sample_error(
    function: Function, real: Array, fake: Array, seed: int, draws: int = 20, largest: int = _LARGE
) -> Array:
    """Standard error of each number of ``function(real, fake)``, from ``draws`` halves of both
    sets.

    Of a set of more than ``largest`` examples halves of a subset are drawn, and the error is scaled
    by sqrt(subset/n), n being the smaller set's.
    """
    rng = np.random.default_rng(seed_for(seed, "half-samples"))
    sets = [
        _random_subset(x, largest, seed_for(seed, "subset", i)) for i, x in enumerate((real, fake))
    ]
    values = [
        function(*(x[rng.permutation(len(x))[: len(x) // 2]] for x in sets)) for _ in range(draws)
    ]
    scale = sqrt(min(map(len, sets)) / min(len(real), len(fake)))
    return np.asarray(np.std(values, axis=0, ddof=1) * scale)


# what a diverged model samples: its figures are inf or NaN
_overflow = np.errstate(over="ignore", invalid="ignore")


@_overflow
def figures(metric: SetMetric, real: Array, fake: Array, seed: int) -> dict[str, MetricValue]:
    """Each number of ``metric`` on at most ``metric.largest`` examples, with its 95 % interval.

    NaN for fewer examples than the metric needs, or values that are not finite.
    """
    fake = _random_subset(fake, metric.largest, seed_for(seed, "fake"))
    real = reference_for(metric, real, len(fake), seed)
    if not _usable(metric, real, fake):
        return _nothing(metric, len(fake))
    if metric.estimate:
        values, errors = np.transpose(metric.estimate(real, fake))
    else:
        errors = half_sample_error(metric.function, real, fake, seed)
        values = np.asarray(metric.function(real, fake))
    return _named(metric, values, _Z * errors, len(fake))


@_overflow
def floor(
    metric: SetMetric, pool: Array, reference: Array, n: int, seed: int, draws: int = 12
) -> dict[str, MetricValue]:
    """``metric`` of ``reference`` against ``n`` examples of ``pool``, both real: the mean over
    draws, and where a new draw falls (99 %).

    Draws from one pool of N overlap: their variance is 1 - n/N of that of independent ones, and
    their mean strays from the truth as the pool does, which adds n/N. Both are made up for. Above
    N/2 or 2,000 examples the variance is that of smaller draws, scaled, and above 2,000 the mean is
    over two draws. Where a formula knows the error, one draw will do: it and a new one both vary.
    """
    n = min(n, metric.largest, len(pool))
    reference = reference_for(metric, reference, n, seed)
    part = min(n, len(pool) // 2, _LARGE)
    if not _usable(metric, reference, pool) or part < metric.least:
        return _nothing(metric, n)
    if metric.estimate:
        drawn = _random_subset(pool, n, seed_for(seed, "floor", n, 0))
        value, error = np.transpose(metric.estimate(reference, drawn))
        return _named(metric, value, norm.ppf(0.995) * sqrt(2) * error, n)
    values = _draws(metric, pool, reference, n, seed, draws if n <= _LARGE else 2)
    spread = (
        values
        if part == n
        else _draws(
            metric,
            pool,
            _random_subset(reference, _LARGE, seed_for(seed, "part")),
            part,
            seed,
            draws,
        )
    )
    variance = spread.var(0, ddof=1) / (1 - part / len(pool)) * part / n
    reach = student.ppf(0.995, draws - 1) * np.sqrt(
        variance * (1 + n / len(pool) + 1 / len(values))
    )
    return _named(metric, values.mean(0), reach, n)


def bootstrap_mean(values: Array, seed: int) -> MetricValue:
    """The mean of ``values`` (n,) with its percentile bootstrap interval, 1,000 resamples."""
    values = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed_for(seed, "bootstrap"))
    if not len(values):
        return MetricValue(nan, nan, nan, 0)
    means = [
        values[rng.integers(len(values), size=(_AT_ONCE, len(values)))].mean(1)
        for _ in range(_RESAMPLES // _AT_ONCE)
    ]
    low, high = np.quantile(np.concatenate(means), (0.025, 0.975))
    return MetricValue(float(values.mean()), float(low), float(high), len(values))


def tiers(
    figures: Mapping[str, MetricValue], better: Better, ideal: float | None = None
) -> dict[str, int]:
    """1 for the best and all that it is not clearly better than, 2 for the best of the others and
    all that this one is not clearly better than, and so on; NaN is behind all others.

    Where ``better`` is "neither", a value closer to ``ideal`` is better, or none is where there is
    no ideal.
    """
    placed: dict[str, int] = {}
    left = dict(figures)
    while left:
        best = min(left.values(), key=lambda f: (_cost(f, better, ideal), *_ends(f, better)))
        tier = 1 + max(placed.values(), default=0)
        placed |= {
            name: tier
            for name, figure in left.items()
            if not clearly_better(best, figure, better, ideal)
        }
        left = {name: figure for name, figure in left.items() if name not in placed}
    return placed


def _ends(figure: MetricValue, better: Better) -> tuple[float, float]:
    """The ends of the interval, the better one first: what decides between equal values, so that
    either direction is the other's mirror image."""
    low, high = figure.low, figure.high
    return (-high, -low) if better == "higher" else (low, high)


def clearly_better(a: MetricValue, b: MetricValue, better: Better, ideal: float | None) -> bool:
    """Whether ``a`` is better than ``b``, and neither value lies in the other's interval."""
    if isnan(a.value) or isnan(b.value):
        return isnan(b.value) and not isnan(a.value)
    first, second = (_no_better_than_ideal(x.value, better, ideal) for x in (a, b))
    nearer = _cost(a, better, ideal) < _cost(b, better, ideal)
    return nearer and first not in b and second not in a


def _no_better_than_ideal(value: float, better: Better, ideal: float | None) -> float:
    """What the truth scores cannot be beaten but by chance: an area below 1/2, a distance below
    0."""
    if ideal is None or better == "neither":
        return value
    return max(value, ideal) if better == "lower" else min(value, ideal)


def _cost(figure: MetricValue, better: Better, ideal: float | None) -> float:
    if isnan(figure.value):
        return inf
    value = _no_better_than_ideal(figure.value, better, ideal)
    if better == "neither":
        return 0.0 if ideal is None else abs(value - ideal)
    return value if better == "lower" else -value


def _draws(
    metric: SetMetric, pool: Array, reference: Array, n: int, seed: int, draws: int
) -> Array:
    """(draws, metrics)."""
    return np.array(
        [
            metric.function(reference, _random_subset(pool, n, seed_for(seed, "floor", n, i)))
            for i in range(draws)
        ]
    )


def _random_subset(values: Array, n: int, seed: int) -> Array:
    """``n`` of ``values`` at random, in random order; all, as they are, if there are no more."""
    return (
        values
        if len(values) <= n
        else values[np.random.default_rng(seed).permutation(len(values))[:n]]
    )


def reference_for(metric: SetMetric, real: Array, n: int, seed: int) -> Array:
    """The real examples that ``n`` samples are compared with."""
    return _random_subset(
        real, min(metric.largest, n) if metric.even else metric.largest, seed_for(seed, "real")
    )


def _usable(metric: SetMetric, *sets: Array) -> bool:
    return all(len(x) >= metric.least and _is_finite(x) for x in sets)


def _is_finite(x: Array) -> bool:
    """Whether no number is missing or infinite; columns by kind may have missing ones."""
    if x.dtype.names:
        return not any(np.isinf(x[name]).any() for name in x.dtype.names)
    return bool(np.isfinite(x).all())


def _named(metric: SetMetric, values: Array, halves: Array, n: int) -> dict[str, MetricValue]:
    """Each number +- half its interval under its key."""
    return {
        m.key: m.figure(value, half, n)
        for m, value, half in zip(metric.metrics, values, halves, strict=True)
    }


def _nothing(metric: SetMetric, n: int) -> dict[str, MetricValue]:
    return {m.key: MetricValue(nan, nan, nan, n) for m in metric.metrics}
