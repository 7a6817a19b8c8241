"""The mixture is scikit-learn's where its subspace is the whole space, and comes close to the truth
that it can express."""

import numpy as np
import pytest
import torch
from helpers import gaussian_table
from sklearn.mixture import GaussianMixture

import genlearn as gl


def clouds(n=3000, dim=4, seed=0):
    """Three Gaussians of unlike covariance, and their log-density."""
    rng = np.random.default_rng(seed)
    means, factors = rng.normal(size=(3, dim)) * 4, rng.normal(size=(3, dim, dim))
    part = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    data = means[part] + np.einsum("nij,nj->ni", factors[part], rng.normal(size=(n, dim)))
    truth = GaussianMixture(3, covariance_type="full")
    truth.weights_, truth.means_ = np.array([0.5, 0.3, 0.2]), means
    truth.precisions_cholesky_ = np.linalg.inv(factors @ factors.transpose(0, 2, 1))
    truth.precisions_cholesky_ = np.linalg.cholesky(truth.precisions_cholesky_)
    return data, truth.score_samples(data)


def reference(model, kind):
    """scikit-learn's mixture of the model's numbers, on the coordinates of the subspace."""
    mixture = model.networks_["density"]
    em = GaussianMixture(len(mixture.weights), covariance_type=kind)
    em.weights_, em.means_ = mixture.weights.numpy(), mixture.means.numpy()
    inverse = torch.linalg.inv(mixture.factors)
    em.precisions_cholesky_ = (
        inverse.mT.numpy() if kind == "full" else inverse.diagonal(dim1=1, dim2=2).numpy()
    )
    return em


@pytest.mark.parametrize(("covariance", "kind"), [("full", "full"), ("diagonal", "diag")])
def test_scores_are_scikit_learns_where_the_subspace_is_the_whole_space(covariance, kind):
    data, _ = clouds()
    model = gl.GMM(latent_dim=4, components=3, covariance=covariance).fit(data[:2000])
    z = model.networks_["density"].split(model.spec_.to_internal(data))[0].numpy()
    np.testing.assert_allclose(
        model.score_samples(data),
        reference(model, kind).score_samples(z) + model.spec_.log_volume(data),
        rtol=1e-9,
    )
    again = (
        GaussianMixture(3, covariance_type=kind, reg_covar=1e-6, random_state=0, n_init=5)
        .fit(z[:2000])
        .score(z)
    )
    assert model.score(data) == pytest.approx(again + model.spec_.log_volume(data), abs=0.05)


def test_a_mixture_of_its_own_kind_is_learned_to_its_entropy():
    data, truth = clouds(6000)
    model = gl.GMM(components=3).fit(data[:4000])
    assert model.latent_dim_ == 4
    assert model.score(data[4000:]) == pytest.approx(truth[4000:].mean(), abs=0.03)


def test_the_subspace_and_the_noise_around_it_are_one_density():
    """On a line, the density of a mixture in a plane with noise across integrates to one."""
    data, _ = clouds(500, dim=2)
    model = gl.GMM(latent_dim=1, components=3).fit(data)
    low, high = data.min(0) - 20, data.max(0) + 20
    axes = [np.linspace(a, b, 400) for a, b in zip(low, high, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    assert np.exp(model.score_samples(points)).sum() * np.prod((high - low) / 399) == pytest.approx(
        1, abs=1e-3
    )


def test_draws_are_of_the_density():
    data, _ = clouds()
    model = gl.GMM(components=3).fit(data)
    drawn = model.sample(20_000, seed=0)
    np.testing.assert_allclose(drawn.mean(0), data.mean(0), atol=0.1 * data.std())
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(data.T), atol=0.06 * data.var())
    assert model.score(drawn) == pytest.approx(model.score(data), abs=0.05)


def test_the_size_is_what_the_data_supports():
    assert gl.GMM().fit(gl.open_data("digits")).latent_dim_ == 1797 // 40
    few = gl.GMM().fit(gaussian_table(6, 5))
    assert (few.components_, few.latent_dim_) == (6, 1)


def test_the_panel_shows_means():
    data = gl.open_data("digits")
    (means,) = gl.GMM().fit(data).panels(data)
    assert means.values.shape == (10, 8, 8)
