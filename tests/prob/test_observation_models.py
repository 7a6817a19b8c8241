"""Likelihoods are probabilities: they sum or integrate to one, and agree with torch's
distributions."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlearn.prob.observation_models import Bernoulli, Gaussian, Logistic

locations = st.floats(-2, 2)
log_scales = st.floats(-6.5, 2.5)
families = pytest.mark.parametrize("family", [Gaussian, Logistic])


def levels_of(count):
    return (2 * torch.arange(count, dtype=torch.float32) + 1) / count - 1


@families
@given(location=locations, log_scale=log_scales, count=st.sampled_from([2, 3, 17, 256]))
def test_the_probabilities_of_all_levels_sum_to_one(family, location, log_scale, count):
    p = family(torch.tensor(location), torch.tensor(log_scale), 2 / count)
    assert p.log_prob_each(levels_of(count)).exp().sum().item() == pytest.approx(1, abs=2e-4)


@families
@given(location=locations, log_scale=st.floats(-4, 1))
def test_a_level_gets_the_integral_of_the_density_over_its_cell(family, location, log_scale):
    width, x = 2 / 16, levels_of(16)[7]
    grid = torch.linspace(x - width / 2, x + width / 2, 2001, dtype=torch.float64)
    density = (
        family(torch.tensor(location).double(), torch.tensor(log_scale).double(), None)
        .log_prob_each(grid)
        .exp()
    )
    mass = torch.trapezoid(density, grid)
    discrete = family(torch.tensor(location), torch.tensor(log_scale), width).log_prob_each(x)
    assert discrete.exp().item() == pytest.approx(mass.item(), rel=1e-3, abs=1e-7)


def test_gradients_stay_finite_far_from_the_mean():
    for family in (Gaussian, Logistic):
        location = torch.linspace(-1, 1, 64).requires_grad_()
        log_scale = torch.full((64,), -6.5).requires_grad_()
        family(location, log_scale, 2 / 256).log_prob_each(levels_of(64)).sum().backward()
        assert location.grad.isfinite().all()
        assert log_scale.grad.isfinite().all()


def test_densities_and_probabilities_are_torchs():
    x, m, s = torch.randn(3, 50, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        Gaussian(m, s, None).log_prob_each(x), torch.distributions.Normal(m, s.exp()).log_prob(x)
    )
    bits = (x > 0).float()
    expected = torch.distributions.Bernoulli(logits=m).log_prob(bits)
    torch.testing.assert_close(Bernoulli(m).log_prob_each(bits - 0.5), expected)
    base = torch.distributions.Uniform(torch.zeros(50), torch.ones(50), validate_args=False)
    transforms = [
        torch.distributions.SigmoidTransform().inv,
        torch.distributions.AffineTransform(m, s.exp()),
    ]
    logistic = torch.distributions.TransformedDistribution(base, transforms)
    torch.testing.assert_close(Logistic(m, s, None).log_prob_each(x), logistic.log_prob(x))


@families
def test_quantiles_invert_the_distribution_function(family):
    u = (torch.arange(20_000) + 0.5) / 20_000
    draws = family(torch.tensor(0.3), torch.tensor(-0.7), None).quantile(u)
    scale = math.exp(-0.7) * (1 if family is Gaussian else math.pi / math.sqrt(3))
    assert draws.mean().item() == pytest.approx(0.3, abs=1e-3)
    assert draws.std().item() == pytest.approx(scale, rel=5e-3)


def test_bernoulli_draws_are_levels_with_the_right_frequency():
    u = (torch.arange(10_000) + 0.5) / 10_000
    draws = Bernoulli(torch.tensor(0.8)).quantile(u)
    assert set(draws.tolist()) == {-0.5, 0.5}
    assert (draws > 0).float().mean().item() == pytest.approx(
        torch.tensor(0.8).sigmoid().item(), abs=1e-3
    )
