"""Closed forms of the linear VAE, and the order of the bounds."""

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small
from sklearn.decomposition import PCA

import genlearn as gl
from genlearn.core.seeding import seeded

LINEAR = {
    "network": "linear",
    "scale": "shared",
    "lr": 1e-2,
    "ema": 0.99,
    "batch_size": 500,
    "evaluation_samples": 500,
}


def elbo(model, data, draws=200):
    """The ELBO in nats over the user's data space."""
    x = model.spec_.to_internal(data)
    model.beta_ = 1.0
    with torch.no_grad(), seeded(0):
        bound = -np.mean([float(model.loss(x)) for _ in range(draws)]) * model.spec_.dim
    return bound + model.spec_.log_volume(data)


@pytest.fixture(scope="module")
def linear():
    """Ten correlated columns, and linear VAEs of them by covariance, each trained once."""
    data, cache = gaussian_table(1500, 10), {}

    def get(covariance):
        if covariance not in cache:
            model = gl.VAE(latent_dim=3, covariance=covariance, steps=1200, **LINEAR)
            cache[covariance] = model.fit(data)
        return cache[covariance], data

    return get


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_the_linear_vae_reaches_the_maximum_likelihood_of_probabilistic_pca(covariance, linear):
    model, data = linear(covariance)
    x = model.spec_.to_internal(data).double().numpy()
    truth = PCA(3).fit(x).score(x) + model.spec_.log_volume(x)
    bound, score = elbo(model, data), model.score(data)
    assert bound == pytest.approx(truth, rel=0.01)
    assert score == pytest.approx(truth, rel=0.01)
    assert max(bound, score) < truth + 0.05


def test_the_learned_variance_is_the_mean_discarded_eigenvalue(linear):
    model, data = linear("diagonal")
    discarded = (
        PCA().fit(model.spec_.to_internal(data).double().numpy()).explained_variance_[3:].mean()
    )
    learned = model.networks_["decoder"].log_scale.exp().square().item()
    assert learned == pytest.approx(discarded, rel=0.03)


@pytest.mark.parametrize("data", [gaussian_table(200, 6), blobs(40)], ids=["table", "images"])
def test_more_importance_samples_never_lower_the_bound(data):
    model = small("vae", steps=50).fit(data)
    scores = []
    for k in (1, 5, 25, 250):
        model.set_params(evaluation_samples=k)
        scores.append(
            np.mean(
                [model.set_params(seed=seed).score(data) for seed in range(20 if k == 1 else 4)]
            )
        )
    assert scores == sorted(scores)


@pytest.mark.parametrize("data", [gaussian_table(200, 6), blobs(60)], ids=["table", "images"])
def test_iwae_is_not_below_the_elbo_of_the_same_training(data):
    trained = [
        small("vae", importance_samples=k, steps=100, evaluation_samples=100).fit(data).score(data)
        for k in (1, 8)
    ]
    assert trained[1] > trained[0] - 0.02 * abs(trained[0])


def test_full_covariance_finds_a_posterior_that_is_not_axis_aligned():
    """With tied mixing the posterior correlates latents; only the full one can say so."""
    data = gaussian_table(800, 5)
    model = gl.VAE(latent_dim=3, covariance="full", steps=200, **LINEAR).fit(data)
    mean, covariance = model.posterior(data[:6])
    assert mean.shape == (6, 3)
    assert covariance.shape == (6, 3, 3)
    np.testing.assert_allclose(covariance, covariance.transpose(0, 2, 1), atol=1e-6)
    assert (np.linalg.eigvalsh(covariance) > 0).all()
    np.testing.assert_array_equal(mean, model.encode(data[:6]))


def test_beta_and_free_bits_move_the_divergence():
    data = gaussian_table(500, 6)
    divergence = {}
    for name, hyper in {
        "plain": {},
        "strong": {"beta": 20.0},
        "free": {"beta": 20.0, "free_bits": 1.0},
    }.items():
        model = small("vae", steps=150, latent_dim=2, **hyper).fit(data)
        with torch.no_grad():
            divergence[name] = model._posterior(model.spec_.to_internal(data)).kl().mean().item()
    assert divergence["strong"] < divergence["plain"]
    assert divergence["strong"] < divergence["free"]


def test_beta_warms_up():
    model = gl.VAE(beta=4.0, beta_warmup=0.5)
    for progress, beta in ((0.0, 0.0), (0.25, 2.0), (0.5, 4.0), (0.9, 4.0)):
        model.on_step_start(progress)
        assert model.beta_ == pytest.approx(beta)


def test_grey_pixels_are_not_bernoulli():
    with pytest.raises(ValueError, match="not Bernoulli"):
        small("vae", likelihood="bernoulli").fit(blobs())


def test_binarised_images_are():
    data = gl.open_data("digits", binarise="stochastic")
    model = small("vae", steps=60, evaluation_samples=20).fit(data)
    assert model.score(data) > -64 * np.log(2)
    samples = model.sample(8, seed=0)
    assert set(np.unique(samples)) <= {0, 16}


def test_free_bits_need_a_divergence():
    with pytest.raises(ValueError, match="importance_samples=1"):
        small("vae", free_bits=0.1, importance_samples=5).fit(gaussian_table(50))


@pytest.mark.parametrize("likelihood", ["gaussian", "logistic"])
@pytest.mark.parametrize("scale", ["shared", "feature", "predicted"])
def test_every_likelihood_and_scale_learns_images(likelihood, scale):
    data = blobs(100)
    before, after = (
        small("vae", likelihood=likelihood, scale=scale, steps=s, evaluation_samples=20)
        .fit(data)
        .score(data)
        for s in (1, 60)
    )
    assert after > before


def test_tables_are_drawn_with_their_spread_and_images_shown_by_their_mean():
    data = gaussian_table(800, 4)
    model = small("vae", latent_dim=1, steps=200, lr=1e-2).fit(data)
    np.testing.assert_allclose(model.sample(4000, seed=0).std(0), data.std(0), rtol=0.2)
    assert (model.set_params(output="mean").sample(4000, seed=0).std(0) < 0.97 * data.std(0)).any()


def test_every_point_of_the_prior_decodes_to_something_plausible():
    """Completeness: the brightness of draws is that of the data."""
    data = blobs(300)
    model = small("vae", latent_dim=2, steps=150).fit(data)
    brightness = model.sample(300, seed=0).mean((1, 2))
    assert brightness.mean() == pytest.approx(data.mean(), rel=0.25)
