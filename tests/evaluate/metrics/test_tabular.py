"""Metrics of tables against scipy, and what planted faults do to them."""

import numpy as np
import pandas as pd
import pytest
from helpers import gaussian_table
from scipy.stats import ks_2samp

from genlearn.data import open_data
from genlearn.evaluate.columns.kinds import by_kind
from genlearn.evaluate.metrics import METRICS
from genlearn.evaluate.metrics.correlations import correlation_distance
from genlearn.evaluate.metrics.marginals import marginal_distance
from genlearn.evaluate.probes.usefulness import train_on_synthetic


def test_marginals_agree_with_scipy():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(200, 4)).round(1)
    fake = rng.normal(loc=[0, 0, 1, 9], size=(150, 4)).round(1)
    expected = np.mean([ks_2samp(a, b).statistic for a, b in zip(real.T, fake.T, strict=True)])
    assert marginal_distance(real, fake) == pytest.approx(expected)
    assert marginal_distance(real, real) == 0


def test_correlations():
    real = gaussian_table(400, 5)
    shuffled = np.random.default_rng(0).permuted(real, axis=0)
    off = ~np.eye(5, dtype=bool)
    expected = np.abs(np.corrcoef(real.T) - np.corrcoef(shuffled.T))[off].mean()
    assert correlation_distance(real, shuffled) == pytest.approx(expected)
    assert marginal_distance(real, shuffled) == 0
    assert correlation_distance(real, real * [1, 2, 3, 4, 5] + 7) == pytest.approx(0, abs=1e-12)


def test_constant_and_single_columns():
    real = np.hstack([gaussian_table(100, 2), np.full((100, 1), 0.1)])
    assert correlation_distance(real, real) == 0
    assert correlation_distance(np.full((9, 3), 0.1), np.full((9, 3), 0.1)) == 0
    assert np.isnan(correlation_distance(real[:, :1], real[:, :1]))
    assert np.isnan(train_on_synthetic(real[:, :1], real[:, :1], real[:, :1]))
    assert np.isnan(train_on_synthetic(real, real, np.ones((5, 3))))


def test_samples_are_as_useful_as_they_are_true():
    def rows(n, seed):
        x = np.random.default_rng(seed).normal(size=(n, 5))
        return np.column_stack(
            [x[:, :3], x[:, 0] ** 2 + 0.2 * x[:, 3], x[:, 1] * x[:, 2] + 0.2 * x[:, 4]]
        )

    train, test, truth = rows(500, 0), rows(400, 1), rows(500, 2)
    blurred = truth + 0.5 * np.random.default_rng(3).normal(size=truth.shape)
    shuffled = np.random.default_rng(4).permuted(truth, axis=0)
    as_good, worse, useless = (
        train_on_synthetic(train, fake, test, seed=0) for fake in (truth, blurred, shuffled)
    )
    assert abs(as_good) < 0.1
    assert useless < worse < as_good - 0.05
    assert as_good == train_on_synthetic(train, truth, test, seed=0)


MIXED = pd.DataFrame(
    {
        "x": [1.0, 2.0, 3.0, 4.0, np.nan, 6.0] * 4,
        "y": [2.0, 1.0, 4.0, 3.0, 6.0, 5.0] * 4,
        "kind": ["a", "b", "a", "c", None, "a"] * 4,
        "on": [True, False] * 12,
    }
)


def figure(name, fake):
    """Of ``fake`` rows beside `MIXED`."""
    data = open_data(MIXED)
    rows = by_kind(data.values, data.spec), by_kind(fake, data.spec)
    return METRICS.find(name).function(*rows)[0]


def test_shapes_by_hand():
    assert figure("shape", MIXED) == 1
    # of kind, a sixth went from a to b; of x, a missing value is left out
    kind = MIXED.assign(kind=["b", "b", "a", "c", None, "a"] * 4)
    assert figure("shape", kind) == pytest.approx((3 + 5 / 6) / 4)
    assert figure("shape", MIXED.assign(on=True)) == pytest.approx(3.5 / 4)
    assert figure("shape", MIXED.fillna({"x": 3.5})) == pytest.approx((4 - 0.1) / 4)
    assert figure("shape", MIXED.assign(x=np.nan)) == pytest.approx(3 / 4)


def test_trends_by_hand():
    assert figure("trend", MIXED) == 1
    swapped = MIXED.assign(on=~MIXED.on)
    apart = [1 - ks for ks in _joint_distances(MIXED, swapped, "on")]
    assert figure("trend", swapped) == pytest.approx((3 + sum(apart)) / 6)
    turned = MIXED.assign(y=7 - MIXED.y)
    there = MIXED.dropna()
    r = np.corrcoef(there.x, there.y)[0, 1]
    others = [1 - distance for distance in _joint_distances(MIXED, turned, "y")[1:]]
    assert figure("trend", turned) == pytest.approx((3 + 1 - r + sum(others)) / 6)
    assert np.isnan(
        METRICS.find("trend").function(
            *[by_kind(np.ones((9, 1)), open_data(np.ones((9, 1))).spec)] * 2
        )[0]
    )


def _joint_distances(real, fake, name):
    """Total variation of the joint table of column ``name`` with each other one, each value a cell
    of its own."""
    real, fake = (
        frame.astype(object).where(frame.notna(), "gone").astype(str) for frame in (real, fake)
    )
    found = []
    for other in [column for column in real if column != name]:
        p, q = (frame[[name, other]].value_counts(normalize=True) for frame in (real, fake))
        found.append(p.sub(q, fill_value=0).abs().sum() / 2)
    return found
