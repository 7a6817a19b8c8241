"""Planted copies are found; whoever copies nothing is not accused."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import mannwhitneyu, norm
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from genlearn.core.errors import UserError
from genlearn.evaluate.probes.knn import nearest_neighbours
from genlearn.evaluate.probes.memorization import METRICS, memorization_report
from genlearn.evaluate.probes.memorization.closest_record import closest_record

TRIALS = 40


def table(seed, sizes, dim=6, kinds=4, weights=None):
    """Draws from one random Gaussian mixture."""
    shape, draw = np.random.default_rng(seed), np.random.default_rng(seed + 1000)
    means = shape.normal(size=(kinds, dim)) * 4
    maps = shape.normal(size=(kinds, dim, dim)) * shape.uniform(0.1, 1, (kinds, 1, dim))
    for n in sizes:
        kind = draw.choice(kinds, n, p=weights)
        yield means[kind] + np.einsum("nij,nj->ni", maps[kind], draw.normal(size=(n, dim)))


def digits(seed):
    values = load_digits(return_X_y=True)[0] / 16
    order = np.random.default_rng(seed).permutation(len(values))
    return values[order[:1198]], values[order[1198:]]


def planted(samples, train, share, noise=0.0, seed=0):
    """``samples`` with copies of training examples in front; their number."""
    count = round(share * len(samples))
    copies = train[:count] + noise * train.std(0) * np.random.default_rng(seed).normal(
        size=(count, train.shape[1])
    )
    return np.concatenate([copies, samples[count:]]), count


def accused_and_found(sets, share=0.02, noise=0.0):
    """Share of trials that accuse, and mean share of the copies that are suspects."""
    accused, found = [], []
    for seed, (samples, train, held_out) in enumerate(sets):
        mixed, count = planted(samples, train, share, noise, seed)
        result = memorization_report(mixed, train, held_out, seed)
        accused.append(result.accused)
        found.append(np.isin(np.arange(count), result.suspects).mean())
    return np.mean(accused), np.mean(found)


def mixture_of_digits(seed):
    """Samples of a Gaussian mixture fitted to digits, and the digits."""
    train, held_out = digits(seed)
    pca = PCA(30, random_state=0).fit(train)
    mixture = GaussianMixture(5, reg_covar=1e-3, random_state=seed, tol=0.05).fit(
        pca.transform(train)
    )
    return pca.inverse_transform(mixture.sample(len(held_out))[0]).clip(0, 1), train, held_out


@pytest.mark.parametrize("noise", [0.0, 1e-3])
def test_copies_in_a_table_are_found(noise):
    sets = (
        (fresh, train, held)
        for fresh, train, held in (table(seed, (600, 2000, 600)) for seed in range(TRIALS))
    )
    accused, found = accused_and_found(sets, noise=noise)
    assert accused >= 0.99
    assert found >= 0.99


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_copies_of_digits_are_found(noise):
    accused, found = accused_and_found(map(mixture_of_digits, range(20)), noise=noise)
    assert accused == 1
    assert found >= 0.99


def test_fresh_draws_are_not_accused():
    p = np.array(
        [
            memorization_report(fresh, train, held, seed).p
            for seed in range(200)
            for fresh, train, held in [tuple(table(seed, (300, 1000, 300)))]
        ]
    )
    assert (p < 0.01).mean() <= 0.01
    assert (p < 0.05).mean() <= 0.05 + 0.03  # a standard deviation of the share is 0.015


@pytest.mark.parametrize("kind", ["mixture", "gaussian", "blurred", "one mode"])
def test_models_of_a_table_are_not_accused(kind):
    accused = 0
    for seed in range(TRIALS):
        fresh, train, held = table(seed, (500, 1500, 500))
        scale = train.std(0)
        if kind in ("mixture", "gaussian"):
            mixture = GaussianMixture(
                4 if kind == "mixture" else 1, reg_covar=1e-4, random_state=seed, tol=0.05
            ).fit(train / scale)
            fresh = mixture.sample(500)[0] * scale
        elif kind == "blurred":
            fresh = fresh.mean(0) + 0.8 * (fresh - fresh.mean(0))
        else:
            fresh = next(table(seed, (500,), weights=[0.97, 0.01, 0.01, 0.01]))
        accused += memorization_report(fresh, train, held, seed).accused
    assert accused <= 0.01 * TRIALS


@pytest.mark.parametrize("kind", ["fresh", "blurred", "one class", "mixture"])
def test_models_of_digits_are_not_accused(kind):
    accused, trials = 0, 20 if kind == "mixture" else 60
    classes = load_digits(return_X_y=True)[1]
    for seed in range(trials):
        train, held = digits(seed)
        known, fresh = held[:300], held[300:]
        if kind == "blurred":
            fresh = np.stack([gaussian_filter(image.reshape(8, 8), 0.7).ravel() for image in fresh])
        elif kind == "one class":
            fresh = fresh[
                classes[np.random.default_rng(seed).permutation(len(classes))][1498:] == seed % 10
            ]
        elif kind == "mixture":
            fresh, train, known = mixture_of_digits(seed)
        accused += memorization_report(fresh, train, known, seed).accused
    assert accused == 0


def test_copies_of_mnist_are_found():
    folder = Path(os.environ.get("GENLEARN_DATA", "nowhere")) / "mnist"
    if not folder.exists():
        pytest.skip("no MNIST under $GENLEARN_DATA")
    from genlearn.data import open_data

    data = open_data("mnist").values[:9000].reshape(9000, -1) / 255.0
    codes = PCA(48, svd_solver="randomized", random_state=0).fit_transform(data)
    orders = [np.random.default_rng(seed).permutation(9000) for seed in range(12)]
    sets = [(codes[o[:1000]], codes[o[2000:]], codes[o[1000:2000]]) for o in orders]
    assert accused_and_found(sets) == (1, 1)
    assert not any(memorization_report(*one, 0).accused for one in sets)


def test_duplicates_of_the_data_are_no_copying():
    """Neither twice the same training example, nor one that is held out too."""
    fresh, train, held = table(5, (600, 1000, 600))
    train = np.concatenate([train, train[:300], train[:50], held[:30], fresh[:30]])
    result = memorization_report(fresh, train, held, 0)
    assert not result.accused
    copied, _ = planted(fresh, train, 0.2)
    assert memorization_report(copied, train, held, 0).accused


def test_what_is_told_of_a_suspect():
    fresh, train, held = table(3, (600, 2000, 600))
    samples = fresh.copy()
    samples[[7, 99, *range(200, 220)]] = train[[70, 990, *range(30, 50)]]
    result = memorization_report(samples, train, held, 0)
    assert {7, 99} <= set(result.suspects[:22].tolist())
    assert result.nearest[7] == 70
    assert result.nearest[99] == 990
    assert result.ratios[7] == 0
    assert 22 / 600 in result.share
    assert set(result.closest(22)) == {7, 99, *range(200, 220)}
    written = json.loads(json.dumps(result.to_json()))
    assert written["accused"]
    assert written["suspects"] == len(result.suspects)
    found = set(result.figures()) | {"membership", "closest_record"}
    assert found == {metric.key for metric in METRICS}


def test_closeness_is_the_mann_whitney_statistic():
    fresh, train, held = table(1, (200, 500, 150))
    nearer = train[:200] + 0.3 * (fresh - train[:200])
    result = memorization_report(nearer, train, held, 0)
    near, far = (nearest_neighbours(rows, train, 1)[0][:, 0] for rows in (nearer, held))
    p = mannwhitneyu(
        near, far, alternative="less", use_continuity=False, method="asymptotic"
    ).pvalue
    assert norm.cdf(result.z) == pytest.approx(p, rel=1e-6)


def test_data_in_steps_and_data_of_one_value_are_audited():
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 3, (900, 4)).astype(float)
    assert not memorization_report(rows[:300], rows[300:600], rows[600:], 0).accused
    assert not memorization_report(np.ones((60, 3)), np.ones((80, 3)), np.ones((60, 3)), 0).accused
    assert not memorization_report(
        rng.normal(size=(60, 3)), rng.normal(size=(1, 3)), rng.normal(size=(60, 3)), 0
    ).accused


def test_unlike_features_are_an_error():
    with pytest.raises(UserError, match="shapes"):
        memorization_report(np.ones((5, 3)), np.ones((5, 2)), np.ones((5, 3)), 0)
    with pytest.raises(UserError, match="NaN"):
        memorization_report(np.full((5, 3), np.nan), np.ones((5, 3)), np.ones((5, 3)), 0)


def test_nearest_neighbours_are_exact():
    rng = np.random.default_rng(0)
    points, queries = 1e3 + rng.normal(size=(1500, 5)), 1e3 + rng.normal(size=(40, 5))
    queries[0] = points[3]
    every = np.linalg.norm(queries[:, None] - points, axis=2)
    distance, index = nearest_neighbours(queries, points, 6)
    np.testing.assert_array_equal(index, every.argsort(1)[:, :6])
    np.testing.assert_allclose(distance, np.sort(every, 1)[:, :6], rtol=1e-12)
    assert distance[0, 0] == 0


def test_new_data_is_as_near_to_held_out_as_to_training_examples():
    figures = [
        closest_record(*table(seed, (400, 200, 200)))["closest_record"] for seed in range(100)
    ]
    assert sum(0.5 in figure for figure in figures) >= 90
    assert np.mean([figure.high - figure.low for figure in figures]) < 0.2


def test_copies_are_nearer_to_training_examples_and_ties_are_shared():
    _, train, held = table(0, (1, 200, 200))
    copies = closest_record(np.repeat(train, 2, 0), train, held)["closest_record"]
    assert (copies.value, copies.low > 0.9, copies.high) == (1, True, 1)
    assert closest_record(train, train, train)["closest_record"].value == 0.5
