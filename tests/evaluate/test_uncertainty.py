"""Intervals keep their word: against Monte Carlo, against closed forms,
and as properties of tiers."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from genlearn.evaluate.metric import Metric, MetricValue, SetMetric
from genlearn.evaluate.metrics import c2st, metrics_for
from genlearn.evaluate.uncertainty import (
    bootstrap_mean,
    figures,
    floor,
    half_sample_error,
    reference_for,
    tiers,
)

MEAN = SetMetric.single(
    Metric(
        key="mean",
        title="Mean",
        group="samples",
        better="higher",
        meaning="The mean of the samples.",
    ),
    lambda real, fake: float(fake.mean()),
    needs="features",
)
FEATURE_METRICS = metrics_for("features")
EVERY = pytest.mark.parametrize("metric", FEATURE_METRICS, ids=lambda m: m.metrics[0].key)


def gaussian(rng, n, d=16, shift=0.0):
    return rng.normal(size=(n, d)) * np.linspace(0.5, 2, d) + shift


@pytest.mark.parametrize(
    "metric", [m for m in FEATURE_METRICS if not m.estimate], ids=lambda m: m.metrics[0].key
)
def test_half_samples_find_the_standard_deviation(metric):
    rng, n = np.random.default_rng(0), 300
    values = [metric.function(gaussian(rng, n), gaussian(rng, n, shift=0.5)) for _ in range(100)]
    errors = [
        half_sample_error(metric.function, gaussian(rng, n), gaussian(rng, n, shift=0.5), seed)
        for seed in range(8)
    ]
    np.testing.assert_allclose(np.mean(errors, 0) / np.std(values, 0, ddof=1), 1, atol=0.3)


def test_half_samples_of_a_mean():
    x = np.random.default_rng(0).normal(size=(500, 1))
    error = half_sample_error(MEAN.function, x, x, 0, draws=4000)
    assert error[0] == pytest.approx(x.std(ddof=1) / np.sqrt(500), rel=0.05)
    large = np.random.default_rng(1).normal(size=(10_000, 1))
    assert half_sample_error(MEAN.function, large, large, 0, draws=4000, largest=2000)[
        0
    ] == pytest.approx(0.01, rel=0.07)


@pytest.mark.parametrize(
    "metric",
    [m for m in FEATURE_METRICS if m.metrics[0].key in ("kid", "precision")],
    ids=["kid", "manifold"],
)
def test_intervals_cover(metric):
    rng, n = np.random.default_rng(0), 80
    truth = np.mean(
        [metric.function(gaussian(rng, n, 6), gaussian(rng, n, 6, 0.6)) for _ in range(400)], axis=0
    )
    measured = [
        figures(metric, gaussian(rng, n, 6), gaussian(rng, n, 6, 0.6), i) for i in range(80)
    ]
    for value, measure in zip(truth, metric.metrics, strict=True):
        assert np.mean([value in f[measure.key] for f in measured]) > 0.87


def digits():
    x = load_digits().data
    return PCA(16, random_state=0).fit_transform(x)


@EVERY
@pytest.mark.parametrize("data", ["gaussian", "digits"])
def test_real_against_real_is_inside_the_floor(metric, data, monkeypatch):
    monkeypatch.setattr(c2st, "_TREES", 5)  # its interval is that of any classifier
    inside, n, rounds, each = np.zeros(len(metric.metrics)), 100, 12, 5
    for seed in range(rounds):
        rng = np.random.default_rng(seed)
        x = rng.permutation(digits()) if data == "digits" else gaussian(rng, 1000)
        reference, pool, fresh = x[:200], x[200:500], x[500:]
        found = floor(metric, pool, reference, n, seed)
        beside = reference_for(metric, reference, n, seed)
        for new in np.split(fresh[: n * each], each):
            inside += [
                value in found[m.key]
                for value, m in zip(metric.function(beside, new), metric.metrics, strict=True)
            ]
    assert (inside >= 0.95 * rounds * each).all()


@pytest.mark.parametrize(
    ("size", "n"), [(200, 20), (200, 100), (200, 190), (200, 200), (200, 900), (6000, 4000)]
)
def test_the_floor_of_a_mean(size, n):
    """Where a new draw of n falls if the pool of N is all that is known: +- t s sqrt(1/n) sqrt(1 +
    n/N + 1/draws)."""
    rng, widths, inside, rounds = np.random.default_rng(0), [], [], 400 if n < 1000 else 60
    for seed in range(rounds):
        f = floor(MEAN, rng.normal(size=(size, 1)), np.zeros((10, 1)), n, seed)["mean"]
        widths.append((f.high - f.low) / 2)
        inside.append(rng.normal(size=f.n).mean() in f)
    assert f.n == min(n, size)
    draws = 12 if f.n <= 2000 else 2
    expected = student.ppf(0.995, 11) * np.sqrt((1 + f.n / size + 1 / draws) / f.n)
    assert np.sqrt(np.mean(np.square(widths))) == pytest.approx(expected, rel=0.12)
    assert np.mean(inside) > 0.96


def test_too_few_examples_and_values_that_are_not_finite_have_no_figure():
    rng = np.random.default_rng(0)
    real = gaussian(rng, 50)
    broken = np.where(np.arange(50)[:, None] == 7, nan, real)
    for metric in FEATURE_METRICS:
        for fake in (broken, real[:5]):
            for figure in figures(metric, real, fake, 0).values():
                assert np.isnan([figure.value, figure.low, figure.high]).all()
        assert all(np.isnan(f.value) for f in floor(metric, real[:9], real, 9, 0).values())


@EVERY
def test_a_diverged_model_has_figures_without_a_warning(metric):
    rng = np.random.default_rng(0)
    assert set(figures(metric, gaussian(rng, 50), 1e60 * gaussian(rng, 50), 0)) == {
        m.key for m in metric.metrics
    }


@EVERY
def test_figures_belong_to_the_seed_and_leave_the_data_alone(metric):
    rng = np.random.default_rng(0)
    real, fake = gaussian(rng, 60), gaussian(rng, 50)
    before = real.copy(), fake.copy()
    assert figures(metric, real, fake, 3) == figures(metric, real, fake, 3)
    assert floor(metric, real, fake, 20, 3) == floor(metric, real, fake, 20, 3)
    assert (before[0] == real).all()
    assert (before[1] == fake).all()
    assert all(
        f.low <= f.value <= f.high and f.n == 50 for f in figures(metric, real, fake, 3).values()
    )


def test_the_bootstrap_of_a_mean():
    values = np.random.default_rng(0).exponential(size=400)
    figure = bootstrap_mean(values, 0)
    error = values.std() / np.sqrt(400)
    assert figure.value == values.mean()
    assert figure.n == 400
    assert figure.high - figure.low == pytest.approx(2 * norm.ppf(0.975) * error, rel=0.1)
    assert bootstrap_mean(np.ones(3), 0) == MetricValue(1.0, 1.0, 1.0, 3)
    assert bootstrap_mean(values, 0) == bootstrap_mean(values, 0) != bootstrap_mean(values, 1)
    assert np.isnan(bootstrap_mean(np.array([]), 0).value)


numbers = st.one_of(st.floats(-9, 9), st.just(nan))
found = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.builds(
        lambda v, a, b: MetricValue(v, v - a, v + b, 10), numbers, st.floats(0, 3), st.floats(0, 3)
    ),
    min_size=1,
)
directions = st.sampled_from(["lower", "higher"])


@given(found, directions)
def test_the_best_is_first_and_nan_is_last(figures, better):
    place = tiers(figures, better)
    finite = {name: f.value for name, f in figures.items() if not np.isnan(f.value)}
    assert set(place) == set(figures)
    last = max((place[name] for name in finite), default=0)
    assert all(place[name] == 1 + last for name in set(figures) - set(finite))
    assert {place[name] for name in finite} == set(range(1, last + 1))
    if finite:
        best = min(finite, key=finite.get) if better == "lower" else max(finite, key=finite.get)
        assert place[best] == 1


@given(found)
@example({"a": MetricValue(1, 1, 1, 9), "b": MetricValue(0, 0, 1, 9), "c": MetricValue(0, 0, 0, 9)})
def test_directions_mirror_one_another(figures):
    mirrored = {name: MetricValue(-f.value, -f.high, -f.low, f.n) for name, f in figures.items()}
    assert tiers(figures, "lower") == tiers(mirrored, "higher")


@given(found, directions, st.randoms(use_true_random=False))
def test_tiers_do_not_depend_on_the_order(figures, better, random):
    names = list(figures)
    random.shuffle(names)
    assert tiers({name: figures[name] for name in names}, better) == tiers(figures, better)


@given(found, directions)
def test_without_uncertainty_tiers_are_places_and_with_all_of_it_all_are_first(figures, better):
    figures = {name: f for name, f in figures.items() if not np.isnan(f.value)}
    sure = {name: MetricValue(f.value, f.value, f.value, f.n) for name, f in figures.items()}
    sign = 1 if better == "lower" else -1
    assert tiers(sure, better) == {
        a: 1 + len({g.value for g in figures.values() if sign * g.value < sign * f.value})
        for a, f in figures.items()
    }
    unsure = {name: MetricValue(f.value, -inf, inf, f.n) for name, f in figures.items()}
    assert set(tiers(unsure, better).values()) <= {1}


@given(found, directions)
def test_wider_intervals_push_nobody_out_of_the_first_tier(figures, better):
    wider = {name: MetricValue(f.value, f.low - 1, f.high + 1, f.n) for name, f in figures.items()}
    before, after = tiers(figures, better), tiers(wider, better)
    assert all(after[name] == 1 for name in figures if before[name] == 1)


def test_clearly_better_takes_both_intervals():
    narrow = MetricValue(1.0, 0.9, 1.1, 9)
    wide = MetricValue(2.0, 0.5, 3.5, 9)
    far = MetricValue(4.0, 3.8, 4.2, 9)
    assert tiers({"narrow": narrow, "wide": wide}, "lower") == {"narrow": 1, "wide": 1}
    assert tiers({"narrow": narrow, "wide": wide}, "higher") == {"narrow": 1, "wide": 1}
    assert tiers({"narrow": narrow, "wide": wide, "far": far}, "lower") == {
        "narrow": 1,
        "wide": 1,
        "far": 2,
    }
    assert tiers({"narrow": narrow, "wide": wide, "far": far}, "higher") == {
        "narrow": 2,
        "wide": 2,
        "far": 1,
    }


def test_where_neither_direction_is_better_the_ideal_is():
    figures = {
        "a": MetricValue(0.9, 0.85, 0.95, 9),
        "b": MetricValue(1.3, 1.2, 1.4, 9),
        "c": MetricValue(0.4, 0.3, 0.5, 9),
        "d": MetricValue(nan, nan, nan, 9),
    }
    assert tiers(figures, "neither", 1.0) == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert tiers(figures, "neither") == {"a": 1, "b": 1, "c": 1, "d": 2}


@EVERY
def test_intervals_end_where_a_measure_does(metric):
    rng = np.random.default_rng(0)
    real = gaussian(rng, 120)
    for found in (
        figures(metric, real[:60], real[60:], 0),
        floor(metric, real[:60], real[60:], 60, 0),
    ):
        for measure in metric.metrics:
            figure = found[measure.key]
            assert measure.least is None or figure.low >= measure.least
            assert measure.most is None or figure.high <= measure.most
