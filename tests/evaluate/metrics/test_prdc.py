"""Precision, recall, density and coverage: conventions, null values, and what each of them sees."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlearn.core.errors import UserError
from genlearn.evaluate.metrics.one_nn import one_nn_accuracy
from genlearn.evaluate.metrics.prdc import METRIC, prdc


def by_definition(real, fake, k_pr, k_dc):
    """On whole numbers, so that ties are exact."""

    def squared(a, b):
        return ((a[:, None] - b[None]) ** 2).sum(2)

    def radius(x, k):
        return np.sort(squared(x, x), axis=1)[:, k]

    d = squared(real, fake)
    inside = d < radius(real, k_dc)[:, None]
    precision = (d <= radius(real, k_pr)[:, None]).any(0).mean()
    recall = (d <= radius(fake, k_pr)[None]).any(1).mean()
    return precision, recall, inside.sum() / (k_dc * len(fake)), inside.any(1).mean()


@given(n=st.integers(6, 30), m=st.integers(6, 30), high=st.integers(1, 6), seed=st.integers(0, 100))
def test_ties_and_copies_count_as_defined(n, m, high, seed):
    rng = np.random.default_rng(seed)
    real, fake = rng.integers(0, high, (n, 3)), rng.integers(0, high + 1, (m, 3))
    shifted = [x / 7 + 1000 / 3 for x in (real, fake)]  # rounding must not break the ties
    assert prdc(*shifted) == pytest.approx(by_definition(real, fake, 3, 5))


def test_agrees_with_other_packages(fidelity, capsys):
    package = pytest.importorskip("prdc")
    rng = np.random.default_rng(0)
    for n, m, spread in ((800, 800, 1.1), (520, 700, 0.8)):
        real, fake = rng.normal(size=(n, 12)), rng.normal(size=(m, 12)) * spread + 0.2
        ours, theirs = prdc(real, fake), package.compute_prdc(real, fake, 5)
        assert (ours.density, ours.coverage) == pytest.approx(
            (theirs["density"], theirs["coverage"]), rel=1e-12
        )
        five = prdc(real, fake, k_pr=5)
        assert (five.precision, five.recall) == pytest.approx(
            (theirs["precision"], theirs["recall"]), rel=1e-12
        )
        other = fidelity("metric_prc").prc_features_to_metric(
            torch.from_numpy(fake),
            torch.from_numpy(real),
            prc_neighborhood=3,
            prc_batch_size=10_000,
            save_cpu_ram=False,
            verbose=False,
        )
        assert (ours.precision, ours.recall) == pytest.approx(
            (other["precision"], other["recall"]), abs=1e-6
        )


def test_null_values_of_density_and_coverage():
    rng, n, m, k = np.random.default_rng(0), 300, 200, 5
    values = np.array(
        [prdc(rng.normal(size=(n, 4)), rng.normal(size=(m, 4)))[2:] for _ in range(60)]
    )
    j = np.arange(k)
    expected = 1, 1 - np.prod((n - 1 - j) / (n + m - 1 - j))
    error = values.std(0) / np.sqrt(60)
    assert (np.abs(values.mean(0) - expected) < 4 * error).all()


def modes(n, which, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 5)) * 0.3 + 5 * np.eye(5)[rng.choice(which, n)]


def test_a_dropped_mode_costs_recall_and_coverage_alone():
    precision, recall, density, coverage = prdc(modes(600, 5, 0), modes(600, [0, 1], 1))
    assert precision > 0.85
    assert density > 0.85
    assert recall < 0.45
    assert coverage < 0.45


def test_noise_costs_precision_and_density_alone():
    real = modes(600, 5, 0)
    noise = np.random.default_rng(2).normal(size=(600, 5)) * 6
    precision, recall, density, _ = prdc(real, np.vstack([modes(300, 5, 1), noise[:300]]))
    assert precision < 0.65
    assert density < 0.65
    assert recall > 0.85


def test_the_metric_names_them_in_their_order():
    named = dict(
        zip(
            [m.key for m in METRIC.metrics],
            METRIC.function(modes(300, 5, 0), modes(300, [0], 1)),
            strict=True,
        )
    )
    assert named == prdc(modes(300, 5, 0), modes(300, [0], 1))._asdict()
    assert named["precision"] > named["recall"]


def test_copies_of_the_data():
    real = np.random.default_rng(0).normal(size=(200, 6))
    assert prdc(real, real.copy()) == pytest.approx((1, 1, 1, 1))


def test_a_stray_sample_costs_its_own_share_alone():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(200, 6)), rng.normal(size=(201, 6)) + 1
    stray = np.vstack([fake[:200], np.full((1, 6), 1e9)])
    before, after = prdc(real, fake[:200]), prdc(real, stray)
    assert after.precision * 201 == pytest.approx(before.precision * 200)
    assert after.density * 201 == pytest.approx(before.density * 200)
    assert after.coverage == before.coverage
    # the ball of the stray sample holds half of everything: the known flaw of recall
    assert after.recall >= before.recall
    assert abs(one_nn_accuracy(real, stray) - one_nn_accuracy(real, fake[:200])) < 0.005


def test_too_few_examples():
    with pytest.raises(UserError, match="more than 5"):
        prdc(np.zeros((5, 2)), np.zeros((9, 2)))
