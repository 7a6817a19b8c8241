"""Closed forms of the linear, the overcomplete and the denoising autoencoder."""

import os

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small
from scipy.linalg import sqrtm, subspace_angles
from sklearn.decomposition import PCA

import genlearn as gl

LINEAR = {"network": "linear", "lr": 1e-2, "ema": 0.99, "precision": "fp32"}


def inside(model, data):
    return model.spec_.to_internal(data).flatten(1).double().numpy()


def check_against_pca(model, data, k):
    """The decoder spans the k leading components, and what is lost is the sum of the discarded
    eigenvalues."""
    x = inside(model, data)
    pca = PCA().fit(x)
    span = model.networks_["decoder"].net[0].weight.detach().double().numpy()
    angle = np.degrees(subspace_angles(span, pca.components_[:k].T)).max()
    with torch.no_grad():
        reconstructed = (
            model.decode_tensor(model.encode_tensor(model.spec_.to_internal(data)))
            .flatten(1)
            .double()
            .numpy()
        )
    lost = np.square(reconstructed - x).sum(1).mean()
    discarded = pca.explained_variance_[k:].sum() * (len(x) - 1) / len(x)
    assert angle < 1
    assert lost == pytest.approx(discarded, rel=0.01)


@pytest.fixture(scope="module")
def linear():
    """Random Gaussians and a linear autoencoder of them."""
    data = gaussian_table(1000, 12)
    return gl.Autoencoder(latent_dim=4, steps=800, batch_size=500, **LINEAR).fit(data), data


def test_the_linear_autoencoder_spans_the_principal_subspace_of_random_gaussians(linear):
    model, data = linear
    check_against_pca(model, data, 4)


def test_its_latents_are_neither_orthogonal_nor_ordered(linear):
    model, data = linear
    codes, scores = model.encode(data), PCA(4).fit_transform(inside(model, data))
    off_diagonal = ~np.eye(4, dtype=bool)
    assert abs(np.corrcoef(scores, rowvar=False)[off_diagonal]).max() < 1e-6
    assert abs(np.corrcoef(codes, rowvar=False)[off_diagonal]).max() > 0.1
    decoder = model.networks_["decoder"].net[0].weight.detach().numpy()
    assert abs((decoder.T @ decoder)[off_diagonal]).max() > 0.05


@pytest.mark.slow
@pytest.mark.skipif(
    "GENLEARN_DATA" not in os.environ, reason="MNIST is looked up under $GENLEARN_DATA"
)
def test_the_linear_autoencoder_spans_the_principal_subspace_of_mnist():
    data = gl.open_data("mnist").user(slice(0, 10_000))
    model = gl.Autoencoder(latent_dim=4, steps=2500, batch_size=500, **{**LINEAR, "lr": 3e-2}).fit(
        data
    )
    check_against_pca(model, data, 4)


def test_an_overcomplete_autoencoder_copies_and_an_undercomplete_one_cannot():
    data = gaussian_table(500, 5)
    error = {}
    for latent_dim in (2, 5, 10):
        model = gl.Autoencoder(
            latent_dim=latent_dim, overcomplete=True, steps=1500, batch_size=100, **LINEAR
        ).fit(data)
        error[latent_dim] = np.square(
            inside(model, model.reconstruct(data)) - inside(model, data)
        ).mean()
    assert error[2] > 0.05
    assert max(error[5], error[10]) < 1e-4


def test_codes_larger_than_the_data_need_to_be_asked_for():
    with pytest.raises(ValueError, match="larger than the data"):
        gl.Autoencoder(latent_dim=7).fit(gaussian_table(50, 6))


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_the_denoising_autoencoder_is_tweedies_denoiser_on_gaussian_data(noise):
    """r(x~) = S (S + s^2 I)^-1 x~ for centred data, and its loss is s^2
    tr(S (S + s^2 I)^-1) / d."""
    data = gaussian_table(3000, 4)
    hyper = {**LINEAR, "ema": 0.995}
    model = gl.Autoencoder(
        latent_dim=4,
        corruption="gaussian",
        corruption_level=noise,
        steps=1200,
        batch_size=500,
        **hyper,
    ).fit(data)
    x = inside(model, data)
    covariance = x.T @ x / len(x)
    best = covariance @ np.linalg.inv(covariance + noise**2 * np.eye(4))
    encoder, decoder = (
        model.networks_[part].net[0].weight.detach().double().numpy()
        for part in ("encoder", "decoder")
    )
    assert abs(decoder @ encoder - best).max() < 0.03
    noisy = x + noise * np.random.default_rng(1).normal(size=x.shape)
    denoised = inside(model, model.denoise(model.spec_.to_user(torch.tensor(noisy))))
    assert np.square(denoised - x).mean() == pytest.approx(noise**2 * np.trace(best) / 4, rel=0.05)


def test_a_nonlinear_denoising_autoencoder_comes_close_to_tweedie_too():
    data = gaussian_table(4000, 3)
    model = gl.Autoencoder(
        latent_dim=6,
        overcomplete=True,
        network="mlp",
        corruption="gaussian",
        corruption_level=0.5,
        steps=800,
        batch_size=256,
        size="tiny",
    ).fit(data)
    x = inside(model, data)
    covariance = x.T @ x / len(x)
    best = covariance @ np.linalg.inv(covariance + 0.25 * np.eye(3))
    noisy = x + 0.5 * np.random.default_rng(1).normal(size=x.shape)
    denoised = inside(model, model.denoise(model.spec_.to_user(torch.tensor(noisy))))
    assert np.square(denoised - noisy @ best.T).mean() < 0.02
    assert np.square(denoised - x).mean() < 1.06 * 0.25 * np.trace(best) / 3


@pytest.mark.parametrize("corruption", ["mask", "salt_pepper"])
def test_denoising_removes_the_noise_it_was_trained_on(corruption):
    data = blobs(300)
    model = small("autoencoder", corruption=corruption, corruption_level=0.3, steps=100).fit(data)
    rng = np.random.default_rng(0)
    hit = rng.random(data.shape) < 0.3
    noisy = np.where(
        hit, 128 if corruption == "mask" else 255 * rng.integers(0, 2, data.shape), data
    ).astype(np.uint8)
    error = lambda values: np.square(values.astype(float) - data).mean()  # noqa: E731
    assert error(model.denoise(noisy)) < 0.4 * error(noisy)


def frechet(a, b):
    """Distance of two sets by mean and covariance."""
    root = sqrtm(np.cov(a.T) @ np.cov(b.T)).real
    return np.square(a.mean(0) - b.mean(0)).sum() + np.trace(np.cov(a.T) + np.cov(b.T) - 2 * root)


def test_a_plain_latent_space_has_no_structure_to_sample_from():
    """Codes drawn from N(0, I) decode to something far from the data; codes from a fitted density
    to something near."""
    data = gl.open_data("digits").values

    def flat(values):
        return values.reshape(len(values), -1).astype(float) + 1e-3 * np.random.default_rng(
            0
        ).normal(size=(len(values), 64))

    distance = {}
    for density in ("none", "gaussian", "gmm"):
        model = gl.Autoencoder(
            latent_dim=10, latent_density=density, steps=150, size="tiny", anchor="none"
        ).fit(data)
        distance[density] = frechet(flat(data), flat(model.sample(1500, seed=0)))
    assert distance["gmm"] < distance["none"] / 3
    assert distance["gaussian"] < distance["none"] / 2
