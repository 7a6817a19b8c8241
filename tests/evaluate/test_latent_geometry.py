"""Holes and jumps are seen where they are, and only there."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers import blobs, gaussian_table, small

from genlearn.core.capabilities import Encodes
from genlearn.data import open_data
from genlearn.evaluate.panel import Evidence
from genlearn.evaluate.panels import latent_traversal, panels_for
from genlearn.evaluate.probes import latent_statistics, likelihood, reconstruction
from genlearn.evaluate.probes.latent_geometry import STEPS, latent_geometry
from genlearn.evaluate.probes.latent_walks import CodeRegion, by_effect
from genlearn.evaluate.probes.profiling import is_bijective


@dataclass
class Toy(Encodes):
    """A decoder and an encoder from two functions."""

    encoder: Any
    decoder: Any

    def encode(self, X):
        return self.encoder(X)

    def decode(self, Z):
        return self.decoder(Z)


def smooth():
    return Toy(lambda x: x / 3, lambda z: z * 3)


def jumping():
    """Decodes to one of the two ends of the data, by the sign of the first latent."""
    return Toy(lambda x: x, lambda z: np.sign(z[:, :1]) * np.ones_like(z))


def with_holes():
    """Scatters eight slices of the data far apart; between them lies garbage."""

    def encoder(x):
        slices = np.digitize(x[:, 0], np.quantile(x[:, 0], np.arange(1, 8) / 8))
        centres = 100 * np.random.default_rng(0).normal(size=(8, x.shape[1]))
        return np.concatenate([x + centres[slices], slices[:, None]], 1)

    def decoder(z):
        centres = 100 * np.random.default_rng(0).normal(size=(8, z.shape[1] - 1))
        distance = np.linalg.norm(z[:, None, :-1] - centres, axis=2)
        own = z[:, :-1] - centres[distance.argmin(1)]
        return np.where((distance.min(1) < 20)[:, None], own, 50 + own)

    return Toy(encoder, decoder)


def scores(model, values=None):
    values = np.random.default_rng(1).normal(size=(800, 3)) if values is None else values
    return latent_geometry(model, model.encode(values), lambda x: x, values, 0)


def test_a_linear_map_has_neither_holes_nor_jumps():
    found = scores(smooth())
    assert found["completeness"].value > 0.85
    assert found["continuity"].value == pytest.approx(1)


def test_a_decoder_of_one_picture_is_neither_complete_nor_continuous():
    one = Toy(lambda x: x, lambda z: np.zeros_like(z) + 1e-6 * z)
    found = scores(one)
    assert found["completeness"].high < 0.1
    assert found["continuity"].high < 0.01


def test_a_jump_lowers_continuity():
    # half of the pairs lie on one side, where nothing changes; the others change all at once
    assert scores(jumping())["continuity"].value <= 1 / STEPS


def test_holes_lower_completeness():
    assert scores(with_holes())["completeness"].high < 0.3
    assert scores(smooth())["completeness"].low > 0.8


def test_few_examples_have_no_figures():
    assert scores(smooth(), np.random.default_rng(0).normal(size=(10, 3))) == {}


def test_trained_models_have_figures():
    data = open_data(blobs(120))
    model = small("autoencoder").fit(blobs())
    codes = model.encode(data.values)
    found = latent_geometry(
        model,
        codes,
        lambda x: x.reshape(len(x), -1) / 255,
        data.values.reshape(120, -1) / 255,
        0,
        n=50,
    )
    assert 0 < found["continuity"].low <= found["continuity"].high <= 1
    assert latent_statistics.figures(codes)["latents"].value == model.latent_dim_
    error = np.square((model.reconstruct(blobs(120)).astype(float) - blobs(120)) / 255).mean()
    assert reconstruction.figures(model, data)["reconstruction"].value == pytest.approx(error)


def test_likelihood_of_known_entropy():
    """The figures of the true log p of Gaussian columns contain minus their entropy."""
    spec = open_data(gaussian_table(400, 6)).spec
    rng = np.random.default_rng(0)
    log_p = -0.5 * np.square(rng.normal(size=(4000, 6))).sum(1) - 3 * np.log(2 * np.pi)
    found = likelihood.figures(log_p, spec)
    entropy = 3 * (1 + np.log(2 * np.pi))
    assert -entropy in found["nats"]
    assert entropy / 6 / np.log(2) in found["bits_per_dim"]
    assert likelihood.figures(log_p[:0], spec) == {}


@dataclass
class Pixels(Encodes):
    """Codes are pixels, all of them or the first."""

    latent_dim_: int

    def encode(self, X):
        return X.reshape(len(X), -1)[:, : self.latent_dim_].astype(np.float32)

    def decode(self, Z):
        padded = np.pad(Z, ((0, 0), (0, 108 - Z.shape[1])))
        return padded.clip(0, 255).astype(np.uint8).reshape(-1, 12, 9)


@pytest.mark.parametrize(("size", "walks"), [(108, False), (20, True)])
def test_single_numbers_of_codes_as_large_as_the_data_are_not_walked_along(size, walks):
    data, model = open_data(blobs(60)), Pixels(size)
    assert is_bijective(model, data.spec) is not walks
    reference_set = SimpleNamespace(split=SimpleNamespace(held_out=data), spec=data.spec, seed=0)
    evidence = Evidence(model, reference_set, codes=model.encode(data.values))
    titles = [panel.title for kind in panels_for(model) for panel in kind.panels(evidence)]
    assert ("Latent traversal" in titles) is walks
    assert {"Reconstructions", "Interpolation", "Latent map"} <= set(titles)


def test_correlation_of_very_many_latents_takes_some_of_them():
    x = np.random.default_rng(0).normal(size=(30, 1)) * np.ones((1, 20_000))
    assert latent_statistics.figures(x)["latent_correlation"].value == pytest.approx(1)


def test_walks_are_sorted_by_what_they_change_in_what_is_decoded():
    @dataclass
    class Scaled(Encodes):
        """Codes of large variance that change little, and of small variance that change much."""

        latent_dim_: int = 3

        def encode(self, X):
            return np.random.default_rng(0).normal(size=(len(X), 3)) * [100, 1, 0.01]

        def decode(self, Z):
            reach = np.abs(Z @ [[0.1], [0.0], [4000.0]])
            return np.broadcast_to((100 + reach)[..., None], (len(Z), 12, 9)).astype(np.uint8)

    data, model = open_data(blobs(60)), Scaled()
    latents, effects = by_effect(model, data.spec, CodeRegion.of(model.encode(data.values)))
    assert latents == [2, 0, 1]
    assert effects[2] == 0 < effects[1] < effects[0]
    reference_set = SimpleNamespace(split=SimpleNamespace(held_out=data), spec=data.spec, seed=0)
    evidence = Evidence(model, reference_set, codes=model.encode(data.values))
    (panel,) = latent_traversal.draw(evidence)
    assert [row.split(":")[0] for row in panel.rows] == ["latent 2", "latent 0", "latent 1"]


def test_numbers_that_say_a_class_stay():
    rng = np.random.default_rng(0)
    codes = np.column_stack([rng.normal(size=50), np.eye(3)[rng.integers(0, 3, 50)]])
    region = CodeRegion.of(codes)
    assert region.free.tolist() == [0]
    assert (region.walks([0], 5)[:, 1:] == codes[0, 1:]).all()
