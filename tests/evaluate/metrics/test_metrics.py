"""The tables of metrics: every metric of a kind, whatever it is."""

import importlib
from dataclasses import replace

import numpy as np
import pytest

from genlearn.core.errors import UserError
from genlearn.core.registry import Registry, files_in
from genlearn.evaluate.metric import SetMetric
from genlearn.evaluate.metrics import METRICS, metrics_for

ALL = {
    **{m.metrics[0].key: (m, (40, 5)) for m in metrics_for("features")},
    **{m.metrics[0].key: (m, (40, 6, 9, 3)) for m in metrics_for("images")},
    **{m.metrics[0].key: (m, (40, 5)) for m in metrics_for("table")},
}


def test_keys_are_unique_and_meanings_are_sentences():
    metrics = [m for metric, _ in ALL.values() for m in metric.metrics]
    assert len({m.key for m in metrics}) == len(metrics)
    assert all(
        m.group == "samples" and m.meaning[-1] in ".?" and len(m.meaning) < 150 for m in metrics
    )


def test_columns_stand_in_their_order():
    keys = [
        m.key
        for needs in ("features", "images", "table", "columns")
        for metric in metrics_for(needs)
        for m in metric.metrics
    ]
    assert keys == [
        "frechet",
        "kid",
        "mind",
        "precision",
        "recall",
        "density",
        "coverage",
        "c2st",
        "neighbour",
        "c2st_pixels",
        "spectrum",
        "marginals",
        "correlations",
        "shape",
        "trend",
    ]


def test_every_file_of_the_folder_is_a_metric_and_tells_what_fools_it():
    for path in files_in("genlearn.evaluate.metrics").values():
        module = importlib.import_module(path)
        assert isinstance(module.METRIC, SetMetric)
        assert "Pitfalls:" in module.__doc__


def test_two_numbers_of_one_key_are_told(monkeypatch):
    both = METRICS.all() | {"other": METRICS.find("kid")}
    monkeypatch.setattr(Registry, "all", lambda registry: both)
    with pytest.raises(UserError, match="'kid' and 'other' both call a number 'kid'"):
        metrics_for("features")


def test_others_stand_behind_ours_whatever_their_order(monkeypatch):
    first = SetMetric.single(
        replace(METRICS.find("kid").metrics[0], key="first"),
        lambda real, fake: 0.0,
        needs="features",
        order=-1,
    )
    everything = METRICS.all() | {"first": first}
    monkeypatch.setattr(Registry, "all", lambda registry: everything)
    ranked = metrics_for("features")
    assert ranked[0] is METRICS.find("frechet")
    assert ranked[-1] is first


@pytest.mark.parametrize("key", ALL)
def test_a_metric_is_a_pure_function_that_gives_its_measures(key):
    metric, shape = ALL[key]
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=shape), rng.normal(size=shape)
    before = real.copy(), fake.copy()
    values = metric.function(real, fake)
    assert len(values) == len(metric.metrics)
    assert np.isfinite(values).all()
    assert values == metric.function(real, fake)
    assert (before[0] == real).all()
    assert (before[1] == fake).all()
    assert len(metric.function(real[: metric.least], fake[: metric.least])) == len(values)


@pytest.mark.parametrize("key", ALL)
def test_a_worse_set_scores_worse(key):
    metric, shape = ALL[key]
    rng = np.random.default_rng(0)
    real = rng.normal(size=(400, *shape[1:]))
    good = rng.normal(size=(400, *shape[1:]))
    bad = 3 * rng.normal(size=(400, *shape[1:]))
    if metric.metrics[0].key == "correlations":
        bad += bad.mean(1, keepdims=True) * 5
    for measure, a, b in zip(
        metric.metrics, metric.function(real, good), metric.function(real, bad), strict=True
    ):
        if measure.better == "lower":
            assert a < b
        if measure.better == "higher":
            assert a > b
        if measure.ideal is not None and measure.better == "neither":
            assert abs(a - measure.ideal) < abs(b - measure.ideal)
