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
    assert one.history_["step"].tolist() == list(range(1, 15))
    assert one.sample(3, seed=0).shape == (3, 3)


@pytest.mark.parametrize("name", IN_PARTS)
def test_what_was_learned_in_parts_is_saved_and_loaded(name, tmp_path):
    model = small(name).partial_fit(TABLE[:200]).partial_fit(TABLE[200:])
    model.save(tmp_path / "run")
    assert equal(gl.load(tmp_path / "run"), model)
    small(name).fit(TABLE).partial_fit(TABLE[:50]).save(tmp_path / "other")
    gl.load(tmp_path / "other")


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
    before = copy.deepcopy(model)
    with pytest.raises(UserError, match="hyper-parameters of now"):
        model.partial_fit(TABLE)
    assert equal(model, before)
    model.set_params(size="tiny").partial_fit(TABLE)
    assert not equal(model, before)


def test_who_interrupts_a_pass_is_left_with_an_average_that_goes_on(monkeypatch):
    model = small("vae").partial_fit(TABLE)
    objectives, calls = type(model).objectives, []

    def interrupted(self, x, y=None):
        calls.append(x)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return objectives(self, x, y)

    with monkeypatch.context() as patch:
        patch.setattr(type(model), "objectives", interrupted)
        with pytest.raises(KeyboardInterrupt):
            model.partial_fit(TABLE)
    average = model.partial_training_.loop.state.average
    trained = [weight.clone() for weight in average.average]  # set apart while it is not trained
    assert not model.networks_.training
    model.partial_fit(TABLE)
    assert model.n_steps_ == 13 + 2 + 13
    assert not all(map(torch.equal, trained, average.average))


def test_who_interrupts_the_first_look_at_the_data_leaves_nothing(monkeypatch):
    model = small("arm")
    with monkeypatch.context() as patch:
        patch.setattr(type(model), "fit_normalizer", lambda self, data: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            model.partial_fit(TABLE)
    assert not hasattr(model, "networks_")
    assert equal(model.partial_fit(TABLE), small("arm").partial_fit(TABLE))


def test_what_sampling_needs_is_measured_on_all_parts():
    table = TABLE[TABLE[:, 0].argsort()]
    model = small("autoencoder", latent_dim=2)
    for _ in range(10):
        model.partial_fit(table[:200]).partial_fit(table[200:])
    model.partial_fit(table[200:]).partial_fit(table[-1:])
    share = (model.sample(1000, seed=0)[:, 0] > np.median(table[:, 0])).mean()
    assert 0.3 < share < 0.7


@pytest.mark.parametrize("name", ["gmm", "latent", "distill"])
def test_models_that_learn_in_one_go_have_no_such_method(name):
    assert not hasattr(gl.create(name), "partial_fit")
