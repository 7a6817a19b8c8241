"""Metrics of tables against scipy, and what planted faults do to them."""

import numpy as np
import pytest
from helpers import gaussian_table
from scipy.stats import ks_2samp

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
