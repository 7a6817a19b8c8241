"""The posterior mean of a Gaussian mixture: against Tweedie's formula on its exact density."""

import pytest
import torch
from torch.distributions import MultivariateNormal

from genlearn.nets.density.mixture_denoiser import MixtureDenoiser

DIM, INSIDE, COMPONENTS = 5, 3, 4


def mixture(classes=0):
    """A denoiser, and its parts in double precision."""
    generator = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
    basis = torch.linalg.qr(draw(DIM, INSIDE))[0]
    factors = draw(COMPONENTS, INSIDE, INSIDE) / 2
    covariances = factors @ factors.mT + 0.05 * torch.eye(INSIDE)
    weights = torch.softmax(draw(COMPONENTS), 0)
    parts = (draw(DIM), basis, weights, 2 * draw(COMPONENTS, INSIDE), covariances)
    denoiser = MixtureDenoiser(DIM, classes)
    of_class = torch.eye(COMPONENTS)[:classes]  # each is of one component
    denoiser.fill(*parts, of_class, torch.tensor(0.02))
    return denoiser, parts


def log_density(x, alpha, sigma, mean, basis, weights, means, covariances):
    """log p(x_t) of a row, over all of space."""
    across = torch.eye(DIM) - basis @ basis.T
    whole = basis @ covariances @ basis.T + 0.02 * across
    each = MultivariateNormal(
        alpha * (mean + means @ basis.T), alpha**2 * whole + sigma**2 * torch.eye(DIM)
    )
    return torch.logsumexp(weights.log() + each.log_prob(x), 0)


@pytest.mark.parametrize(("alpha", "sigma"), [(1.0, 0.05), (0.7, 0.4), (0.2, 0.9), (1.0, 40.0)])
def test_it_is_tweedies(alpha, sigma):
    denoiser, parts = mixture()
    x = torch.randn(6, DIM, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    score = torch.stack(
        [torch.func.grad(log_density)(row, alpha, sigma, *parts) for row in alpha * x * 2]
    )
    exact = (alpha * x * 2 + sigma**2 * score) / alpha
    found = denoiser(
        (alpha * x * 2).float().reshape(6, 1, DIM, 1),
        torch.full((6,), alpha),
        torch.full((6,), sigma),
    )
    assert found.shape == (6, 1, DIM, 1)
    torch.testing.assert_close(found.flatten(1).double(), exact, rtol=2e-4, atol=2e-4)


def test_pure_noise_is_answered_by_the_mean_and_data_by_themselves():
    denoiser, (mean, basis, weights, means, _) = mixture()
    x, one = torch.randn(4, DIM, generator=torch.Generator().manual_seed(1)), torch.ones(4)
    torch.testing.assert_close(
        denoiser(x, 0 * one, one)[0].double(),
        mean + basis @ (weights @ means),
        rtol=1e-4,
        atol=1e-4,
    )
    torch.testing.assert_close(denoiser(x, one, 1e-6 * one), x, rtol=1e-4, atol=1e-4)


def test_a_class_has_the_components_that_its_examples_are_of():
    denoiser, (mean, basis, _, means, _) = mixture(classes=2)
    centres = (mean + means @ basis.T).float()[:2]
    noise, one = torch.zeros(2, DIM), torch.ones(2)
    known = denoiser(noise, 0 * one, one, torch.tensor([0, 1]))
    torch.testing.assert_close(known, centres, rtol=1e-4, atol=1e-4)
    anything = denoiser(noise, 0 * one, one, torch.tensor([2, 2]))
    torch.testing.assert_close(anything, denoiser(noise, 0 * one, one))


def test_its_error_lies_between_those_that_were_measured():
    denoiser, _ = mixture()
    denoiser.error.copy_(torch.linspace(1, 2, len(denoiser.error)))
    ratios = denoiser.ratios.log()
    torch.testing.assert_close(denoiser.error_at(ratios.float()), denoiser.error, rtol=1e-4, atol=0)
    beyond = denoiser.error_at(torch.tensor([-20.0, 20.0, torch.inf]))
    torch.testing.assert_close(beyond, torch.tensor([1.0, 2.0, 2.0]))


def test_weights_of_another_size_are_taken():
    denoiser, _ = mixture()
    other = MixtureDenoiser(DIM)
    other.load_state_dict(denoiser.state_dict())
    x, half = torch.randn(3, DIM, generator=torch.Generator().manual_seed(1)), torch.full((3,), 0.5)
    assert torch.equal(other(x, half, half), denoiser(x, half, half))


@pytest.mark.parametrize(("alpha", "sigma"), [(1.0, 0.0), (0.7, 0.4), (0.2, 0.9)])
def test_noisy_examples_are_those_of_its_components(alpha, sigma):
    """Each is an affine function of its noise, whose square is the covariance."""
    denoiser, (mean, basis, weights, means, covariances) = mixture()
    middles = weights.cumsum(0) - weights / 2
    covariances = basis @ covariances @ basis.T + 0.02 * (torch.eye(DIM) - basis @ basis.T)
    eps = torch.cat([torch.zeros(1, DIM), torch.eye(DIM)])
    one = torch.ones(len(eps))
    for k in range(COMPONENTS):
        x_t = denoiser.noised(eps, middles[k] * one, alpha * one, sigma * one).double()
        torch.testing.assert_close(x_t[0], alpha * (mean + basis @ means[k]), rtol=1e-5, atol=1e-5)
        root = x_t[1:] - x_t[0]
        exact = alpha**2 * covariances[k] + sigma**2 * torch.eye(DIM)
        torch.testing.assert_close(root.T @ root, exact, rtol=1e-4, atol=1e-5)


def test_noisy_examples_of_a_class_are_of_its_components():
    denoiser, (mean, basis, _, means, _) = mixture(classes=2)
    one, u = torch.ones(2), torch.tensor([0.01, 0.99])
    x = denoiser.noised(torch.zeros(2, 1, DIM, 1), u, one, 0 * one, torch.tensor([1, 0]))
    centres = (mean + means @ basis.T)[[1, 0]].float()
    torch.testing.assert_close(x, centres[:, None, :, None], rtol=1e-5, atol=1e-5)
