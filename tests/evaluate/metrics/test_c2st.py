"""Two-sample tests: a half for one distribution, one for two, and p-values that keep their word."""

import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from genlearn.evaluate.metrics.c2st import boosted_trees, c2st
from genlearn.evaluate.metrics.c2st_network import pixel_network
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


def trees(real, fake, seed=0):
    return c2st(real, fake, boosted_trees, seed)


def test_real_against_real_raises_no_alarm():
    results = [trees(gaussian(80, 4, seed=i), gaussian(80, 4, seed=1000 + i)) for i in range(100)]
    p, auc = np.array([r.p for r in results]), np.array([r.auc for r in results])
    assert (p < 0.01).mean() <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / 100)
    assert (p < 0.2).mean() < 0.2 + 3 * np.sqrt(0.2 * 0.8 / 100)
    assert auc.mean() == pytest.approx(0.5, abs=4 * auc.std() / 10)
    assert np.mean([abs(r.auc - 0.5) < 1.96 * r.error for r in results]) > 0.9


def test_a_shift_is_found_nearly_as_well_as_it_can_be():
    auc, error, p = trees(gaussian(3000, 4), gaussian(3000, 4, seed=1, shift=0.5))
    # Phi(|m| / sqrt 2), |m| = 1: the optimal score
    assert 0.72 < auc < 0.7602 + 3 * error
    assert p < 1e-10


@pytest.mark.parametrize("kind", ["scale", "correlation", "lattice", "apart"])
def test_differences_of_any_kind_are_found(kind):
    real, fake = gaussian(1500, 5), gaussian(1500, 5, seed=1, scale=1.3 if kind == "scale" else 1.0)
    if kind == "correlation":
        fake[:, 1] = 0.6 * fake[:, 0] + 0.8 * fake[:, 1]
    if kind == "lattice":
        real[:, 2] = np.round(real[:, 2], 0)
    if kind == "apart":
        fake += 30
    auc, _, p = trees(real, fake, seed=3)
    assert p < 1e-4
    assert auc == trees(real, fake, seed=3).auc
    assert (auc == 1) == (kind == "apart")


def test_constant_features_and_unequal_sizes():
    real = np.hstack([gaussian(40), np.ones((40, 1))])
    fake = np.hstack([gaussian(90, seed=1), np.ones((90, 1))])
    assert 0.2 < trees(real, fake).auc < 0.8
    assert trees(np.ones((20, 3)), np.ones((20, 3))) == (0.5, 0, 1)


@pytest.mark.parametrize("shape", [(12, 12), (9, 14, 3)])
def test_the_network_sees_what_few_pixels_tell_and_is_not_fooled_by_chance(shape):
    rng = np.random.default_rng(0)
    real, other = (np.cumsum(rng.normal(size=(200, *shape)), axis=1) for _ in range(2))
    sharper = other + 0.8 * rng.normal(size=other.shape)
    assert c2st(real, other, pixel_network).p > 0.01
    found = c2st(real, sharper, pixel_network)
    assert found.p < 1e-4
    assert found == c2st(real, sharper, pixel_network)
