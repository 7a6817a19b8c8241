"""Two-sample tests: a half for one distribution, one for two, and p-values that keep their word."""

import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from genlearn.evaluate.metrics.c2st import c2st
from genlearn.evaluate.metrics.one_nn import one_nn_accuracy


def gaussian(n, d=6, seed=0, shift=0.0, scale=1.0):
    return np.random.default_rng(seed).normal(size=(n, d)) * scale + shift


def test_nearest_neighbours_agree_with_scikit_learn():
    real, fake = gaussian(80), gaussian(80, seed=1, shift=0.8)
    x, y = np.vstack([real, fake]), np.repeat([0, 1], 80)
    assert one_nn_accuracy(real, fake) == pytest.approx(
        cross_val_score(KNeighborsClassifier(1), x, y, cv=LeaveOneOut()).mean()
    )


def test_nearest_neighbours_of_one_distribution_of_two_and_of_copies():
    values = [
        one_nn_accuracy(gaussian(150, seed=i), gaussian(100, seed=100 + i)) for i in range(40)
    ]
    assert np.mean(values) == pytest.approx(0.5, abs=4 * np.std(values) / np.sqrt(40))
    assert one_nn_accuracy(gaussian(700), gaussian(600, seed=1, shift=50)) == 1
    assert one_nn_accuracy(gaussian(600), gaussian(600)) == 0
    assert one_nn_accuracy(np.ones((20, 3)), np.ones((20, 3))) == 0.5


def test_the_p_value_keeps_its_level():
    results = [c2st(gaussian(60, 4, seed=i), gaussian(60, 4, seed=1000 + i)) for i in range(200)]
    p, accuracy = np.array([r.p for r in results]), np.array([r.accuracy for r in results])
    assert (p < 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    assert (p < 0.2).mean() < 0.2 + 3 * np.sqrt(0.2 * 0.8 / 200)
    assert accuracy.mean() == pytest.approx(0.5, abs=4 * accuracy.std() / np.sqrt(200))


def test_a_shift_is_found_as_well_as_it_can_be():
    accuracy, p = c2st(gaussian(3000, 4), gaussian(3000, 4, seed=1, shift=0.5))
    # Phi(|m|/2), |m| = 1: the optimal discriminator
    assert accuracy == pytest.approx(0.69146, abs=0.02)
    assert p < 1e-10


@pytest.mark.parametrize("kind", ["scale", "correlation", "apart"])
def test_differences_of_covariance_are_found(kind):
    real, fake = gaussian(1500, 5), gaussian(1500, 5, seed=1, scale=1.3 if kind == "scale" else 1.0)
    if kind == "correlation":
        fake[:, 1] = 0.6 * fake[:, 0] + 0.8 * fake[:, 1]
    if kind == "apart":
        fake += 30
    accuracy, p = c2st(real, fake, seed=3)
    assert p < 1e-4
    assert accuracy == c2st(real, fake, seed=3).accuracy
    assert (accuracy == 1) == (kind == "apart")


def test_constant_features_and_unequal_sizes():
    real = np.hstack([gaussian(40), np.ones((40, 1))])
    fake = np.hstack([gaussian(90, seed=1), np.ones((90, 1))])
    assert 0.2 < c2st(real, fake).accuracy < 0.8
    assert c2st(np.ones((20, 3)), np.ones((20, 3))).accuracy == 0.5
