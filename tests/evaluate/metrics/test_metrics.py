"""The tables of metrics: every metric of a kind, whatever it is."""

import numpy as np
import pytest

from genlearn.evaluate.metrics import FEATURE_METRICS, IMAGE_METRICS, TABLE_METRICS

ALL = {
    **{m.measures[0].key: (m, (40, 5)) for m in FEATURE_METRICS},
    **{m.measures[0].key: (m, (40, 6, 9, 3)) for m in IMAGE_METRICS},
    **{m.measures[0].key: (m, (40, 5)) for m in TABLE_METRICS},
}


def test_keys_are_unique_and_meanings_are_sentences():
    measures = [m for metric, _ in ALL.values() for m in metric.measures]
    assert len({m.key for m in measures}) == len(measures)
    assert all(m.group == "samples" and m.meaning[-1] in ".?" and len(m.meaning) < 150 for m in measures)


@pytest.mark.parametrize("key", ALL)
def test_a_metric_is_a_pure_function_that_gives_its_measures(key):
    metric, shape = ALL[key]
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=shape), rng.normal(size=shape)
    before = real.copy(), fake.copy()
    values = metric.function(real, fake)
    assert len(values) == len(metric.measures)
    assert np.isfinite(values).all()
    assert values == metric.function(real, fake)
    assert (before[0] == real).all()
    assert (before[1] == fake).all()
    assert len(metric.function(real[: metric.least], fake[: metric.least])) == len(values)


@pytest.mark.parametrize("key", ALL)
def test_a_worse_set_scores_worse(key):
    metric, shape = ALL[key]
    rng = np.random.default_rng(0)
    real, good, bad = rng.normal(size=(400, *shape[1:])), rng.normal(size=(400, *shape[1:])), 3 * rng.normal(size=(400, *shape[1:]))
    if metric.measures[0].key == "correlations":
        bad += bad.mean(1, keepdims=True) * 5
    for measure, a, b in zip(metric.measures, metric.function(real, good), metric.function(real, bad), strict=True):
        if measure.better == "lower":
            assert a < b
        if measure.better == "higher" and measure.key != "recall":  # which noise does not lose
            assert a > b
        if measure.better == "neither":
            assert abs(a - measure.ideal) < abs(b - measure.ideal)
