"""The plane of two latents and walks: where the codes are, and in which order."""

from statistics import NormalDist

import numpy as np
import pytest
from helpers import blobs, small

import genlearn as gl
from genlearn.core.capabilities import Encodes, SamplesCodes
from genlearn.core.errors import UserError
from genlearn.explore import VIEWS, Question


class Linear(Encodes):
    """Codes of which each sets the brightness of one row of an image."""

    spec_ = gl.open_data(blobs(2)).spec

    def __init__(self, *scales):
        self.scales, self.latent_dim_, self.asked = np.array(scales), len(scales), []

    def encode(self, X):
        return np.random.default_rng(0).normal(size=(len(X), len(self.scales)))

    def decode(self, Z):
        self.asked.append(Z)
        images = np.full((len(Z), 12, 9), 128.0)
        images[:, : len(self.scales)] += (Z * self.scales)[:, :, None]
        return images.clip(0, 255).astype(np.uint8)


class Normal(Linear, SamplesCodes):
    normal_codes = True

    def sample_codes(self, n=1, *, seed=None):
        raise AssertionError("the quantiles are known")


def asked(model, told=None, **more):
    told = [] if told is None else told
    return Question({"run": model}, lambda n: blobs(200)[:n], told.append, **more)


def test_the_plane_of_a_normal_prior_lies_at_its_quantiles():
    model = Normal(10, 20)
    (sheet,) = VIEWS["grid"].draw(asked(model, number=5)).sheets
    codes = model.asked[-1].reshape(5, 5, 2)
    quantiles = [NormalDist().inv_cdf((i + 0.5) / 5) for i in range(5)]
    np.testing.assert_allclose(codes[2, :, 0], quantiles, atol=1e-6)
    np.testing.assert_allclose(codes[:, 2, 1], quantiles[::-1], atol=1e-6)  # upwards
    assert sheet.values.shape == (5, 5, 12, 9)
    assert sheet.columns[2] == "0.00"


def test_of_more_latents_those_of_most_effect_make_the_plane():
    model = Linear(1, 30, 2, 20)
    shown = VIEWS["grid"].draw(asked(model, number=3))
    codes = model.asked[-1]
    assert "z1 across and z3 upwards" in shown.about
    assert "the other 2 at their mean" in shown.about
    assert np.ptp(codes[:, [0, 2]], axis=0).max() == 0
    lattice = np.unique(codes[:, 1])
    np.testing.assert_allclose(lattice[1], lattice[[0, 2]].mean(), atol=1e-6)
    np.testing.assert_allclose(
        lattice[[0, 2]], np.quantile(model.encode(blobs(200))[:, 1], [0.05, 0.95]), atol=1e-6
    )


def test_walks_begin_with_the_latent_of_most_effect():
    model, told = Linear(1, 30, 2, 20), []
    shown = VIEWS["walk"].draw(asked(model, told, number=3, columns=5))
    assert [row.split(":")[0] for row in shown.sheets[0].rows] == ["z1", "z3", "z2"]
    assert shown.sheets[0].values.shape == (3, 5, 12, 9)
    assert not told


def test_one_latent_is_walked_along_and_makes_no_plane():
    assert VIEWS["walk"].draw(asked(Linear(9))).sheets[0].values.shape[0] == 1
    with pytest.raises(UserError, match=r"codes of 1 number.*walk"):
        VIEWS["grid"].draw(asked(Linear(9)))


def test_what_has_no_room_is_told():
    told = []
    shown = VIEWS["walk"].draw(asked(Linear(*[9] * 12), told, number=12, columns=100))
    assert shown.sheets[0].values.shape[1] < 100
    assert len(told) == 1
    assert "of 100 are shown" in told[0]


def test_codes_of_a_generator_are_those_that_it_draws_and_keep_their_class():
    labels = np.repeat(["a", "b"], 40)
    model = small("dcgan", condition="label", latent_dim=3).fit(blobs(80), labels)
    shown = VIEWS["walk"].draw(asked(model))
    assert {row.split(":")[0] for row in shown.sheets[0].rows} == {"z0", "z1", "z2"}


def test_codes_as_large_as_the_data_are_refused():
    with pytest.raises(UserError, match=r"as large as its data"):
        VIEWS["walk"].draw(asked(small("flow").fit(blobs(40))))
