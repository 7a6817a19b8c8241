"""The figures of a report are what their names say."""

import numpy as np
import pytest
from helpers import blobs, gaussian_table, small
from sklearn.decomposition import PCA

import genlearn as gl
from genlearn.data import open_data
from genlearn.evaluate.latents import latent_usage
from genlearn.evaluate.likelihood import log_likelihood, score_in_parts
from genlearn.evaluate.reconstruction import reconstruction
from genlearn.evaluate.report import lines, report


def test_reconstruction_of_a_table_is_in_standard_deviations():
    data = gaussian_table(500, 6)
    model = gl.Autoencoder(network="linear", latent_dim=2, lr=1e-2, steps=1200, batch_size=250, ema=0.99).fit(data)
    standardised = (data - data.mean(0)) / data.std(0)
    lost = PCA().fit(standardised).explained_variance_ratio_[2:].sum()
    result = reconstruction(model, open_data(data), 500)
    assert result["per_number"] == pytest.approx(lost, rel=0.01)
    assert result["summed"] == pytest.approx(6 * lost, rel=0.01)


def test_reconstruction_of_an_image_counts_its_range_as_one():
    model, data = small("autoencoder").fit(blobs()), open_data(blobs())
    expected = np.square((model.reconstruct(blobs()).astype(float) - blobs()) / 255).mean()
    assert reconstruction(model, data, len(data))["per_number"] == pytest.approx(expected)


def test_bits_per_dimension_are_nats_over_dimensions_and_log_two():
    model, data = small("vae", evaluation_samples=10).fit(blobs()), open_data(blobs())
    result = log_likelihood(model, data, 40, lambda done, total: None)
    assert result["nats"] == pytest.approx(model.score(data.values[:40]), rel=1e-5)
    assert result["bits_per_dim"] == pytest.approx(-result["nats"] / 108 / np.log(2))
    np.testing.assert_allclose(score_in_parts(model, data, 40, lambda done, total: None), model.score_samples(data.values[:40]), rtol=1e-4)


def test_collapsed_latents_are_not_active():
    data = open_data(gaussian_table(600, 6)[:, :1] * np.ones((1, 4)) + gaussian_table(600, 4, seed=9) * 0.02)
    model = gl.VAE(network="linear", latent_dim=3, lr=1e-2, steps=1500, scale="shared", batch_size=250, ema=0.99).fit(data)
    usage = latent_usage(model, data, 600)
    assert usage["latents"] == 3
    assert 1 <= usage["active"] < 3
    assert np.shape(usage["correlation"]) == (3, 3)
    np.testing.assert_allclose(np.diag(usage["correlation"]), 1)


def test_a_report_has_what_the_model_can_do(name, fitted):
    result = report(
        fitted(name, "grey").set_params(**({"evaluation_samples": 5} if name == "vae" else {})), open_data(blobs()), examples=30, scored=10
    )
    assert len(list(lines(result))) >= len(result) - 2
