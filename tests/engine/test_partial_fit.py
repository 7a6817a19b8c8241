"""Data that come in parts are learned from as one training, which goes on from call to call."""

import copy
import pickle

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small, trained

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.core.estimator_types import GradientTrained
from genlearn.core.registry import find
from genlearn.engine.example_order import ExampleOrder

IN_PARTS = [
    name
    for name in trained()
    if issubclass(find(name), GradientTrained) and find(name).learns_in_parts
]
TABLE = gaussian_table(400, 3)


def weights(model):
    return list(model.networks_.state_dict().values())


def equal(one, other):
    return all(map(torch.equal, weights(one), weights(other)))


@pytest.mark.parametrize("name", IN_PARTS)
def test_equal_parts_give_equal_models_and_what_was_learned_stays(name):
    one, other = small(name), small(name)
    for model in (one, other):
        model.partial_fit(TABLE[:200])
    first = copy.deepcopy(one)
    assert not hasattr(first, "partial_training_")
    assert equal(one, first)
    for model in (one, other):
        model.partial_fit(TABLE[200:])
    assert equal(one, other)
    assert not equal(one, first)
    assert one.n_steps_ == 14  # of 32 examples, 7 in each part
    assert one.n_samples_ == 400
    assert one.history_["step"].tolist() == list(range(1, 15))
    assert one.sample(3, seed=0).shape == (3, 3)


def test_each_example_of_a_part_is_learned_from():
    order = ExampleOrder(100, 5, earlier=37)
    seen = np.concatenate([order.indices(37 + 25 * step, 25) for step in range(4)])
    assert sorted(seen) == list(range(100))


def test_many_passes_come_where_one_training_comes():
    held_out = gaussian_table(2000, 3)[1000:]
    table = gaussian_table(2000, 3)[:1000]
    whole = small("vae", steps=480, batch_size=50, lr=4e-3).fit(table)
    parts = small("vae", batch_size=50, lr=4e-3)
    for _ in range(24):
        for part in np.split(table, 4):
            parts.partial_fit(part)
    assert parts.n_steps_ == 480
    scores = [model.score_samples(held_out).mean() for model in (whole, parts)]
    assert scores[1] == pytest.approx(scores[0], abs=0.1)


def test_a_fitted_and_a_loaded_model_go_on(tmp_path):
    model = small("vae", steps=60).fit(TABLE)
    model.save(tmp_path / "run")
    fitted, loaded = model.score_samples(TABLE).mean(), gl.load(tmp_path / "run")
    assert equal(pickle.loads(pickle.dumps(model)), model)
    for one in (model, loaded):
        for _ in range(5):
            one.partial_fit(TABLE)
    assert equal(model, loaded)
    assert model.score_samples(TABLE).mean() > fitted
    model.fit(TABLE)  # begins anew
    assert model.score_samples(TABLE).mean() == pytest.approx(fitted)


def test_parts_are_read_as_the_first_one_is():
    model = small("vae").partial_fit(blobs(60)).partial_fit(blobs(1, seed=3))
    assert model.sample(2, seed=0).shape == (2, 12, 9)
    with pytest.raises(UserError, match="was fitted on"):
        model.partial_fit(blobs(20, channels=3, height=10))
    with pytest.raises(ValueError, match="features"):
        small("vae").partial_fit(TABLE).partial_fit(TABLE[:, :2])


def test_classes_are_those_of_the_first_part():
    labels = np.arange(60) % 3
    model = small("flow", condition="label").partial_fit(blobs(60), labels)
    model.partial_fit(blobs(30, seed=1), np.arange(30) % 2)
    with pytest.raises(UserError, match="give each example one of them"):
        model.partial_fit(blobs(30), np.arange(30) % 4)
    with pytest.raises(UserError, match="give each example one"):
        model.partial_fit(blobs(30))


def test_what_was_learned_is_not_trained_as_another_model():
    model = small("vae").fit(TABLE).set_params(size="base")
    with pytest.raises(UserError, match="hyper-parameters of now"):
        model.partial_fit(TABLE)


@pytest.mark.parametrize("name", ["gmm", "latent", "distill"])
def test_models_that_learn_in_one_go_have_no_such_method(name):
    assert not hasattr(gl.create(name), "partial_fit")
