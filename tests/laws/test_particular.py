"""The laws of models that take more than rows: images for `upscale` and a `cascade` with stages,
domains for `cogan`, a pipeline that others trained for `pipeline`."""

import copy

import numpy as np
import pytest
import torch
from helpers import blobs, small
from sklearn.base import clone

import genlearn as gl
from genlearn.core.capabilities import Encodes, Samples
from genlearn.core.seeding import seeded
from genlearn.foreign import huggingface

PARTICULAR = ["cascade", "cogan", "pipeline", "upscale"]
pytestmark = pytest.mark.parametrize("name", PARTICULAR)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A small pipeline in diffusers' format, of random weights, 16x16 grey."""
    place = tmp_path_factory.mktemp("pipeline")
    blocks = {
        "down_block_types": ("DownBlock2D",) * 2,
        "up_block_types": ("UpBlock2D",) * 2,
        "block_out_channels": (8, 8),
    }
    shape = {"sample_size": 16, "in_channels": 1, "out_channels": 1, "layers_per_block": 1}
    with huggingface.diffusers("") as diffusers, seeded(0):
        network = diffusers.UNet2DModel(norm_num_groups=4, **shape, **blocks)
        diffusers.DDPMPipeline(network, diffusers.DDPMScheduler()).save_pretrained(place)
    return str(place)


@pytest.fixture(scope="module")
def make(source):
    """A new model by name, at settings where all its parts are really there."""
    more = {
        "cascade": {"stages": 1},
        "cogan": {"condition": "label"},
        "pipeline": {"source": source, "sampling_steps": 2},
        "upscale": {},
    }
    return lambda name, **hyper: small(name, **more[name], **hyper)


@pytest.fixture(scope="module")
def data():
    images = blobs(96, 16, 16)
    return np.concatenate([images[:48], 255 - images[48:]]), np.array(["dark", "light"]).repeat(48)


@pytest.fixture(scope="module")
def trained(make, data):
    cache = {}

    def get(name):
        if name not in cache:
            cache[name] = make(name).fit(data[0], data[1] if name == "cogan" else None)
        return cache[name]

    return get


def drawn(model, n, seed, images, start=0):
    """Samples; for a model that enlarges only, large versions of small ones, all of one image."""
    if isinstance(model, Samples):
        return model.sample(n, seed=seed, start=start)
    small_one = model.shrink(images[:1]).repeat(n, 0)
    return model.enlarge(small_one, seed=seed, start=start)


def test_the_parts_are_really_there(name, trained):
    model = trained(name)
    assert name != "cascade" or len(model.stages_) == 1
    assert name != "cogan" or model.classes_in_ == ("dark", "light")


def test_samples_are_of_the_users_kind(name, trained, data):
    samples = drawn(trained(name), 5, 3, data[0])
    assert samples.shape == (5, 16, 16)
    assert samples.dtype == np.uint8
    assert len(np.unique(samples.reshape(5, -1), axis=0)) == 5


def test_a_sample_depends_on_seed_and_index_alone(name, trained, data):
    model = trained(name)
    whole, end = drawn(model, 6, 5, data[0]), drawn(model, 4, 5, data[0], start=2)
    np.testing.assert_allclose(end.astype(float), whole[2:].astype(float), atol=1)
    np.testing.assert_array_equal(whole, drawn(model, 6, 5, data[0]))
    assert (whole != drawn(model, 6, 6, data[0])).any()


def test_saving_and_loading_change_nothing(name, trained, data, tmp_path):
    model = trained(name)
    model.save(tmp_path / "run")
    again = gl.load(tmp_path / "run")
    assert again.get_params() == model.get_params()
    np.testing.assert_array_equal(drawn(again, 4, 1, data[0]), drawn(model, 4, 1, data[0]))


def test_fit_twice_starts_afresh_whatever_the_state_of_torch(name, trained, data):
    first, again = trained(name), copy.deepcopy(trained(name))
    with torch.random.fork_rng():
        torch.manual_seed(99)
        again.fit(data[0], data[1] if name == "cogan" else None)
    weights = [model.networks_.state_dict() for model in (first, again)]
    assert all(torch.equal(value, weights[1][key]) for key, value in weights[0].items())


def test_constructors_only_store_and_clones_are_not_fitted(name, trained, make):
    model = make(name)
    assert vars(model) == model.get_params()
    twin = clone(trained(name))
    assert twin.get_params() == trained(name).get_params()
    assert not twin.__sklearn_is_fitted__()


def test_codes_are_decoded_to_the_users_kind(name, trained, data):
    model = trained(name)
    if isinstance(model, Encodes):
        codes = model.encode(data[0][:3])
        assert codes.shape == (3, model.latent_dim_)
        assert model.decode(codes).shape == (3, 16, 16)
        np.testing.assert_array_equal(model.reconstruct(data[0][:3]), model.decode(codes))


def test_what_it_cannot_learn_is_told_in_one_line(name, make):
    with pytest.raises(ValueError, match=r"classes|images|no images") as error:
        make(name).fit(np.random.default_rng(0).normal(size=(40, 3)))
    assert "\n" not in str(error.value)
