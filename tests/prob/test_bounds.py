"""Bounds of a model whose log p(x) is known: x = z + s eps, z ~ N(0, 1)."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlearn.prob import bounds
from genlearn.prob.observation_models import Gaussian
from genlearn.prob.posteriors import DiagonalGaussian, standard_log_prob

S2 = 0.25
MEAN, VARIANCE = 1 / (1 + S2), S2 / (1 + S2)  # of p(z | x), for x = 1 and in general


def log_w(x, q, eps):
    z = q.transform(eps)
    observed = Gaussian(z, torch.tensor(0.5 * math.log(S2)), None).log_prob(x, 1)
    return observed + standard_log_prob(z) - q.log_prob(eps)


def noise(k, n):
    return torch.randn(k, n, 1, generator=torch.Generator().manual_seed(0))


@given(x=st.floats(-3, 3), k=st.integers(1, 20))
def test_with_the_exact_posterior_every_bound_is_log_p_without_variance(x, k):
    q = DiagonalGaussian(torch.full((4, 1), x * MEAN), torch.full((4, 1), math.sqrt(VARIANCE)))
    truth = torch.distributions.Normal(0.0, math.sqrt(1 + S2)).log_prob(torch.tensor(x))
    value = bounds.importance_bound(log_w(torch.full((4, 1), x), q, noise(k, 4)))
    torch.testing.assert_close(value, truth.expand(4), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.4, 0.7), (1.0, 0.5)])
def test_bounds_grow_with_k_and_stay_below_log_p(mean, std):
    n = 20_000
    x, q = torch.ones(n, 1), DiagonalGaussian(torch.full((n, 1), mean), torch.full((n, 1), std))
    truth = torch.distributions.Normal(0.0, math.sqrt(1 + S2)).log_prob(torch.tensor(1.0)).item()
    values = [
        bounds.importance_bound(log_w(x, q, noise(k, n))).mean().item() for k in (1, 2, 5, 50)
    ]
    assert values == sorted(values)
    assert values[-1] <= truth + 0.005
    elbo = (
        Gaussian(q.transform(noise(1, n)[0]), torch.tensor(0.5 * math.log(S2)), None)
        .log_prob(x, 1)
        .mean()
        - q.kl().mean()
    )
    assert values[0] == pytest.approx(elbo.item(), abs=0.03)


def test_free_bits_charge_each_latent_at_least_their_price():
    kl = torch.tensor([[0.1, 2.0], [0.3, 4.0]])
    assert bounds.free_bits(kl, 0.0).item() == pytest.approx(3.2)
    assert bounds.free_bits(kl, 0.5).item() == pytest.approx(3.5)
