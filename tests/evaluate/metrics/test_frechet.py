"""The Frechet distance of Gaussians in closed form, and the bias of finite sets."""

import numpy as np
import pytest
import torch

from genlearn.evaluate.metrics.frechet import frechet


def exactly(mean, covariance, n, seed=0):
    """Examples whose mean and covariance are these to the last digit."""
    x = np.random.default_rng(seed).normal(size=(n, len(mean)))
    x -= x.mean(0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T)).T)
    return x @ np.linalg.cholesky(covariance).T + mean


def rotation(d, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


def test_commuting_covariances():
    q, a, b = rotation(6), np.linspace(0.1, 3, 6), np.linspace(2, 0.5, 6)
    m = np.arange(6.0)
    real, fake = exactly(0 * m, q * a @ q.T, 200), exactly(m, q * b @ q.T, 150, seed=1)
    assert frechet(real, fake) == pytest.approx(
        (m**2).sum() + np.square(np.sqrt(a) - np.sqrt(b)).sum(), rel=1e-9
    )


def test_bias_of_finite_sets():
    rng, d, n = np.random.default_rng(0), 16, 500
    values = [frechet(rng.normal(size=(n, d)), rng.normal(size=(n, d))) for _ in range(40)]
    assert np.mean(values) == pytest.approx(2 * (d / n + d * (d + 1) / (4 * n)), rel=0.05)


def test_more_features_than_examples_and_constant_ones():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(20, 5)), 2 * rng.normal(size=(25, 5)) + 1
    wide = rotation(60)[:5]  # the same points in a space of 60
    assert frechet(real @ wide, fake @ wide) == pytest.approx(frechet(real, fake), rel=1e-9)
    assert frechet(real @ wide, real @ wide) == pytest.approx(0, abs=1e-9)
    padded = [np.hstack([x, np.full((len(x), 2), 7.0)]) for x in (real, fake)]
    assert frechet(*padded) == pytest.approx(frechet(real, fake), rel=1e-9)


def test_symmetric_and_free_of_the_order_of_examples():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(100, 8)), rng.normal(size=(80, 8)) * 1.3
    assert frechet(real, fake) == pytest.approx(frechet(fake, real), rel=1e-9)
    assert frechet(real[::-1], fake) == pytest.approx(frechet(real, fake), rel=1e-9)
    assert frechet(real.astype(np.float32), fake.astype(np.float32)) == pytest.approx(
        frechet(real, fake), rel=1e-4
    )


@pytest.mark.parametrize(("n", "d"), [(300, 16), (2000, 64)])
def test_agrees_with_other_packages(n, d, fidelity, torchmetrics_fid):
    rng = np.random.default_rng(0)
    real = rng.normal(size=(n, d)) @ rng.normal(size=(d, d))
    fake = rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + 0.3
    other = fidelity("metric_fid")
    statistics = [other.fid_features_to_statistics(torch.from_numpy(x)) for x in (real, fake)]
    assert frechet(real, fake) == pytest.approx(
        other.fid_statistics_to_metric(*statistics, verbose=False)[other.KEY_METRIC_FID], rel=1e-6
    )
    moments = [
        torch.from_numpy(np.asarray(v)) for x in (real, fake) for v in (x.mean(0), np.cov(x.T))
    ]
    assert frechet(real, fake) == pytest.approx(
        float(torchmetrics_fid._compute_fid(*moments)), rel=1e-6
    )
