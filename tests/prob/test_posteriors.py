"""Posteriors agree with torch's multivariate normals."""

import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from genlearn.prob.posteriors import parameter_count, posterior, standard_log_prob

covariances = pytest.mark.parametrize("covariance", ["diagonal", "full"])


def random_posterior(covariance, dim=4, batch=5):
    generator = torch.Generator().manual_seed(1)
    q = posterior(
        torch.randn(batch, parameter_count(dim, covariance), generator=generator), dim, covariance
    )
    return (
        q,
        MultivariateNormal(q.mean, q.covariance()),
        torch.randn(3, batch, dim, generator=generator),
    )


@covariances
def test_log_prob_and_divergence(covariance):
    q, reference, eps = random_posterior(covariance)
    torch.testing.assert_close(
        q.log_prob(eps), reference.log_prob(q.transform(eps)), rtol=1e-4, atol=1e-4
    )
    prior = MultivariateNormal(torch.zeros(4), torch.eye(4))
    torch.testing.assert_close(q.kl(), kl_divergence(reference, prior), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(standard_log_prob(eps), prior.log_prob(eps))


@covariances
def test_transformed_noise_has_the_stated_mean_and_covariance(covariance):
    q, _, _ = random_posterior(covariance, batch=1)
    z = q.transform(torch.randn(200_000, 1, 4, generator=torch.Generator().manual_seed(0)))[:, 0]
    torch.testing.assert_close(z.mean(0), q.mean[0], rtol=0, atol=0.02)
    torch.testing.assert_close(z.T.cov(), q.covariance()[0], rtol=0.03, atol=0.03)


@covariances
def test_zero_output_is_the_prior(covariance):
    q = posterior(torch.zeros(2, parameter_count(3, covariance)), 3, covariance)
    torch.testing.assert_close(q.kl(), torch.zeros(2), rtol=0, atol=1e-6)
