"""Figures are what their names say."""

import numpy as np
import pytest
from helpers import blobs, gaussian_table, small
from sklearn.decomposition import PCA

import genlearn as gl
from genlearn.data import open_data
from genlearn.evaluate.probes import latent_statistics, likelihood, reconstruction


def test_reconstruction_of_a_table_is_in_standard_deviations():
    data = gaussian_table(500, 6)
    model = gl.Autoencoder(
        network="linear", latent_dim=2, lr=1e-2, steps=700, batch_size=250, ema=0.99
    ).fit(data)
    standardised = (data - data.mean(0)) / data.std(0)
    lost = PCA().fit(standardised).explained_variance_ratio_[2:].sum()
    assert reconstruction.figures(model, open_data(data))["reconstruction"].value == pytest.approx(
        lost, rel=0.01
    )


def test_reconstruction_of_an_image_counts_its_range_as_one():
    model, data = small("autoencoder").fit(blobs()), open_data(blobs())
    errors = (
        np.square((model.reconstruct(blobs()).astype(float) - blobs()) / 255)
        .reshape(len(data), -1)
        .mean(1)
    )
    figure = reconstruction.figures(model, data)["reconstruction"]
    assert figure.value == pytest.approx(errors.mean())
    assert figure.high - figure.value == pytest.approx(1.96 * errors.std() / np.sqrt(len(data)))


def test_bits_per_dimension_are_nats_over_dimensions_and_log_two():
    model, data = small("vae", evaluation_samples=10).fit(blobs()), open_data(blobs())
    scores = likelihood.score_in_parts(model, data, 40, lambda done, total: None)
    np.testing.assert_allclose(scores, model.score_samples(data.values[:40]), rtol=1e-4)
    figures = likelihood.figures(scores, data.spec)
    assert figures["nats"].value == pytest.approx(scores.mean())
    assert figures["bits_per_dim"].value == pytest.approx(-scores.mean() / 108 / np.log(2))
    assert (
        figures["bits_per_dim"].low <= figures["bits_per_dim"].value <= figures["bits_per_dim"].high
    )


def test_collapsed_latents_are_not_active():
    data = open_data(
        gaussian_table(600, 6)[:, :1] * np.ones((1, 4)) + gaussian_table(600, 4, seed=9) * 0.02
    )
    model = gl.VAE(
        network="linear",
        latent_dim=3,
        lr=1e-2,
        steps=600,
        scale="shared",
        batch_size=100,
        ema=0.99,
    ).fit(data)
    figures = latent_statistics.figures(model.encode(data))
    assert figures["latents"].value == 3
    assert 1 <= figures["active_units"].value < 3


def test_latents_that_say_the_same_are_correlated():
    x = gaussian_table(200, 2)[:, 0]
    figures = latent_statistics.figures(
        np.column_stack([x, -2 * x, np.ones(len(x))]).astype(np.float32)
    )
    assert figures["latent_correlation"].value == pytest.approx(1, abs=1e-5)
    assert figures["active_units"].value == 2
