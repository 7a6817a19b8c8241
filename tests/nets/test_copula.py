"""The Gaussian copula: its conditionals are those of the normal distribution, for any columns
known."""

import numpy as np
import pytest
import torch
from scipy import stats

from genlearn.nets.autoregressive.copula import Conditional, GaussianCopula

D, N = 5, 40
RNG = np.random.default_rng(0)
ROOT = RNG.normal(size=(D, D))
COVARIANCE = ROOT @ ROOT.T
SD = np.sqrt(np.diag(COVARIANCE))
R = COVARIANCE / np.outer(SD, SD)
Z = torch.from_numpy(RNG.multivariate_normal(np.zeros(D), R, N))


@pytest.fixture
def copula():
    made = GaussianCopula(D)
    made.correlation.copy_(torch.from_numpy(R))
    return made


def exactly(i, known, z):
    """Mean and standard deviation of column i given those that are known."""
    if not known:
        return 0.0, 1.0
    weights = np.linalg.solve(R[np.ix_(known, known)], R[known, i])
    return z[known] @ weights, np.sqrt(1 - weights @ R[known, i])


def test_of_columns_in_any_order(copula):
    ranks = torch.from_numpy(RNG.permuted(np.tile(np.arange(D), (N, 1)), axis=1))
    found = copula.in_order(Z, ranks)
    for row in range(N):
        for i in range(D):
            known = [j for j in range(D) if ranks[row, j] < ranks[row, i]]
            mean, sd = exactly(i, known, Z[row].numpy())
            assert float(found.mean[i, row]) == pytest.approx(mean)
            assert float(found.sd[i, row]) == pytest.approx(sd)


def test_one_order_for_all_is_the_same_as_each_its_own(copula):
    ranks = torch.arange(D).expand(N, -1)
    together = copula.in_order(Z, ranks)
    for row in range(N):
        alone = copula.in_order(Z[row : row + 1], ranks[:1])
        torch.testing.assert_close(together.mean[:, row], alone.mean[:, 0])


def test_of_one_column_given_what_each_row_knows(copula):
    known = torch.from_numpy(RNG.random((N, D)) < 0.5)
    known[:, 2] = False
    found = copula.given(Z, known, 2)
    for row in range(N):
        mean, sd = exactly(2, known[row].nonzero()[:, 0].tolist(), Z[row].numpy())
        assert float(found.mean[row]) == pytest.approx(mean)
        assert float(found.sd[row]) == pytest.approx(sd)


def test_of_each_column_given_all_others(copula):
    found = copula.given_others(Z)
    for i in range(D):
        mean, sd = exactly(i, [j for j in range(D) if j != i], Z[3].numpy())
        assert float(found.mean[i, 3]) == pytest.approx(mean)
        assert float(found.sd[i, 3]) == pytest.approx(sd)


def test_a_conditional_has_the_density_that_its_distribution_function_has():
    one = Conditional(torch.tensor(0.7).double(), torch.tensor(0.3).double())
    z = torch.linspace(-4, 4, 4001, dtype=torch.float64)
    slope = one.below(z).diff() / z.diff()
    middle = (z[1:] + z[:-1]) / 2
    density = (one.log_density(middle) - middle.square() / 2).exp() / (2 * torch.pi) ** 0.5
    torch.testing.assert_close(slope, density, rtol=1e-3, atol=1e-6)
    assert float(one.below(z.new_tensor(torch.inf))) == 1


@pytest.mark.parametrize(("low", "high"), [(-torch.inf, torch.inf), (0.2, 1.5), (2.0, 9.0)])
def test_draws_between_two_ends_follow_it(low, high):
    one = Conditional(torch.tensor(0.7).double(), torch.tensor(0.3).double())
    ends = [torch.tensor(end).double() for end in (low, high)]
    drawn = one.between(*ends, torch.linspace(1e-4, 1 - 1e-4, 5000, dtype=torch.float64))
    assert drawn.min() >= low
    assert drawn.max() <= high
    below = [float(one.below(end)) for end in ends]
    share = (one.below(drawn).numpy() - below[0]) / (below[1] - below[0])
    assert stats.kstest(share, "uniform").statistic < 0.01


def test_what_is_measured_is_the_correlation_or_none_where_none_helps():
    def measured(z):
        made = GaussianCopula(z.shape[1])
        made.fill(z, z - 0.05, z + 0.05)
        return made.correlation.numpy()

    many = torch.from_numpy(RNG.multivariate_normal(np.zeros(D), R, 20_000))
    assert np.abs(measured(many) - R).max() < 0.05
    alone = torch.from_numpy(RNG.normal(size=(60, D)))
    assert np.abs(measured(alone) - np.eye(D)).max() < 0.2
    constant = torch.cat([many[:100], torch.zeros(100, 1, dtype=torch.float64)], 1)
    found = measured(constant)
    assert (found[-1, :-1] == 0).all()
    assert np.linalg.eigvalsh(found).min() > 0
