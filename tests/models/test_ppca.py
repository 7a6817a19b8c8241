"""Probabilistic PCA is scikit-learn's, and its noise estimate pays."""

import itertools

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table
from sklearn.decomposition import PCA

import genlearn as gl
from genlearn.core.panels import ImagePanel, LinePanel
from genlearn.models.density import _pca


def inside(model, data):
    return model.spec_.to_internal(data).flatten(1).double().numpy()


@pytest.mark.parametrize("q", [1, 3, 10])
def test_axes_and_scores_are_scikit_learns(q):
    data = gaussian_table(800, 10)
    model = gl.PPCA(latent_dim=q).fit(data[:600])
    reference = PCA(q).fit(inside(model, data[:600]))
    cosines = np.abs((model.networks_["density"].basis.numpy() * reference.components_.T).sum(0))
    np.testing.assert_allclose(cosines, 1, atol=1e-8)
    truth = reference.score_samples(inside(model, data)) + model.spec_.log_volume(data)
    np.testing.assert_allclose(model.score_samples(data), truth, rtol=1e-5, atol=1e-4)
    assert model.log_prob_kind == "exact"


def test_more_columns_than_examples():
    data = gaussian_table(30, 50)
    model = gl.PPCA(latent_dim=5).fit(data)
    values = PCA(5).fit(inside(model, data)).explained_variance_
    np.testing.assert_allclose(model._scale.square().numpy(), values, rtol=1e-6)
    with pytest.raises(ValueError, match="30 examples span 29 dimensions"):
        gl.PPCA(latent_dim=30).fit(data)


def test_beyond_a_size_the_axes_come_from_a_randomised_svd(monkeypatch):
    data = blobs(300)
    dense = gl.PPCA(latent_dim=4).fit(data)
    monkeypatch.setattr(_pca, "_MAX_DENSE_DIM", 100)
    sparse = gl.PPCA(latent_dim=4).fit(data)
    overlap = np.linalg.svd(
        dense.networks_["density"].basis.numpy().T @ _basis(gl.PPCA(latent_dim=4).fit(data[:100])),
        compute_uv=False,
    )
    assert overlap.min() > 0.5
    assert sparse.score(data) == pytest.approx(dense.score(data), rel=0.05)


def _basis(model):
    return model.networks_["density"].basis.numpy()


def test_codes_have_unit_variance_and_reconstructing_projects():
    data = gaussian_table(500, 8)
    model = gl.PPCA(latent_dim=3).fit(data)
    np.testing.assert_allclose(np.cov(model.encode(data), rowvar=False), np.eye(3), atol=1e-5)
    x, u = inside(model, data), _basis(model)
    projected = x.mean(0) + (x - x.mean(0)) @ u @ u.T
    np.testing.assert_allclose(inside(model, model.reconstruct(data)), projected, atol=1e-5)


def test_draws_have_the_covariance_of_the_model():
    data = gaussian_table(2000, 5)
    model = gl.PPCA(latent_dim=2).fit(data)
    u = _basis(model)
    noise = float(model.networks_["density"].noise)
    truth = u @ np.diag(model._scale.square().numpy() - noise) @ u.T + noise * np.eye(5)
    drawn = inside(model, model.sample(40_000, seed=0))
    np.testing.assert_allclose(np.cov(drawn, rowvar=False), truth, atol=0.04)
    assert (
        np.linalg.matrix_rank(
            np.cov(inside(model, model.set_params(output="mean").sample(500)), rowvar=False),
            tol=1e-6,
        )
        == 2
    )


def test_denoising_beats_projection_at_every_noise_and_hardly_moves_clean_examples():
    data = gl.open_data("digits").values
    model, rng = gl.PPCA(latent_dim=32).fit(data[:1200]), np.random.default_rng(0)
    error = lambda values: np.square(values.astype(float) - data[1200:]).mean()  # noqa: E731
    for level in (1.0, 2.0, 4.0):
        noisy = (
            (data[1200:] + level * rng.normal(size=data[1200:].shape))
            .round()
            .clip(0, 16)
            .astype(data.dtype)
        )
        assert error(model.denoise(noisy)) < error(model.reconstruct(noisy))
        assert level == 1.0 or error(model.denoise(noisy)) < 0.8 * error(noisy)
    assert error(model.denoise(data[1200:])) < 0.6 * error(model.reconstruct(data[1200:]))


def test_the_bound_of_a_discrete_image_is_below_the_integral_over_its_cell():
    """By Monte Carlo: log of the mean density over the cell is at least the closed form, which is
    the mean of the log."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 5, size=(200, 2, 3)).astype(np.uint8)
    model = gl.PPCA(latent_dim=2).fit(images)
    x, width = model.spec_.to_internal(images[:10]).flatten(1).double(), model.spec_.bin_width
    u = torch.from_numpy(rng.uniform(-width / 2, width / 2, size=(20_000, 6)))
    logs = torch.stack(
        [model.networks_["density"].log_prob(row + u) for row in x]
    ) + model.spec_.log_volume(images)
    scores = model.score_samples(images[:10])
    assert model.log_prob_kind == "bound"
    np.testing.assert_allclose(scores, logs.mean(1).numpy(), atol=0.02)
    assert (scores < (logs.logsumexp(1) - np.log(logs.shape[1])).numpy()).all()


@pytest.mark.parametrize("name", ["ppca", "gmm", "kde"])
def test_all_images_together_get_at_most_one(name):
    rng = np.random.default_rng(1)
    every = np.array(list(itertools.product(range(3), repeat=4)), dtype=np.uint8).reshape(-1, 2, 2)
    for p in ([0.6, 0.3, 0.1], [0.98, 0.01, 0.01], [0.5, 0.0, 0.5]):
        images = rng.choice(3, size=(200, 2, 2), p=p).astype(np.uint8)
        images[:3] = np.arange(3)[:, None, None]
        assert np.exp(gl.create(name).fit(images).score_samples(every)).sum() <= 1


def test_panels_show_the_spectrum_and_the_components():
    data = gl.open_data("digits")
    spectrum, components = (
        gl.PPCA().fit(data.take(slice(0, 1200))).panels(data.take(slice(1200, 1797)))
    )
    assert isinstance(spectrum, LinePanel)
    assert set(spectrum.series) == {"learned", "held out"}
    for curve in spectrum.series.values():
        assert (np.diff(curve[:, 1]) > 0).all()
        assert 0.5 < curve[-1, 1] < 1
    assert isinstance(components, ImagePanel)
    assert components.values.shape == (16, 8, 8)


@pytest.mark.parametrize("name", ["ppca", "gmm", "kde"])
@pytest.mark.parametrize("binarise", ["threshold", "stochastic"])
def test_binarised_images_are_drawn_in_two_levels(name, binarise):
    model = gl.create(name).fit(gl.open_data("digits", binarise=binarise))
    assert set(np.unique(model.sample(20, seed=0))) == {0, 16}
    assert np.isfinite(model.score(gl.open_data("digits").values[:50]))


@pytest.mark.parametrize("name", ["ppca", "gmm", "kde"])
@pytest.mark.parametrize(
    "data",
    [
        gaussian_table(2, 3),
        gaussian_table(5, 1),
        np.ones((20, 3)),
        np.repeat(gaussian_table(4, 3), 10, 0),
    ],
)
def test_little_data_and_repeated_data_do_no_harm(name, data):
    model = gl.create(name).fit(data)
    assert np.isfinite(model.sample(4)).all()
    assert np.isfinite(model.score_samples(data)).all()
