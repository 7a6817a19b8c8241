"""KID is the unbiased mean over all pairs."""

import numpy as np
import pytest
import torch

from genlearn.evaluate.metrics.kid import kid


def by_definition(real, fake):
    def k(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3

    def others(x):
        return k(x, x)[~np.eye(len(x), dtype=bool)].mean()

    return others(real) + others(fake) - 2 * k(real, fake).mean()


@pytest.mark.parametrize(("n", "m"), [(2, 2), (7, 5), (256, 257), (600, 513)])
def test_equals_its_definition(n, m):
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(n, 9)), rng.normal(size=(m, 9)) + 0.2
    assert kid(real, fake) == pytest.approx(by_definition(real, fake), rel=1e-9, abs=1e-12)


def test_zero_in_expectation():
    rng = np.random.default_rng(0)
    values = [kid(rng.normal(size=(60, 8)), rng.normal(size=(60, 8))) for _ in range(300)]
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(300)
    assert min(values) < 0


def test_shift_of_a_gaussian():
    """E k is a polynomial in the moments: (x.y/d + 1)^3 = 1 + 3 u + 3 u^2 + u^3 with u = x.y/d; for
    N(m, I) the terms are Gaussian integrals."""
    d, m = 8, np.full(8, 0.5)
    s = m @ m

    def expected(a, b):  # of x ~ N(a, I), y ~ N(b, I), a and b parallel to m
        dot, aa, bb = a @ b, a @ a, b @ b
        first, second = dot, dot**2 + aa + bb + d
        third = dot**3 + 3 * dot * (aa + bb + d) + 6 * dot
        return 1 + 3 * first / d + 3 * second / d**2 + third / d**3

    assert s == 2
    truth = expected(0 * m, 0 * m) + expected(m, m) - 2 * expected(0 * m, m)
    rng = np.random.default_rng(0)
    values = [kid(rng.normal(size=(500, d)), rng.normal(size=(500, d)) + m) for _ in range(60)]
    assert np.mean(values) == pytest.approx(truth, abs=4 * np.std(values) / np.sqrt(60))


def test_agrees_with_torch_fidelity(fidelity):
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(700, 32)), rng.normal(size=(700, 32)) * 1.2 + 0.1
    other = fidelity("metric_kid")
    result = other.kid_features_to_metric(
        torch.from_numpy(fake),
        torch.from_numpy(real),
        kid_subsets=1,
        kid_subset_size=700,
        rng_seed=0,
        verbose=False,
    )
    assert kid(real, fake) == pytest.approx(result[other.KEY_METRIC_KID_MEAN], rel=1e-6)
