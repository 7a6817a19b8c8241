"""Law 5 and scikit-learn's own laws: models are estimators."""

import copy

import numpy as np
import pytest
import torch
from helpers import (
    DATA,
    answer,
    by_family,
    gaussian_table,
    general,
    reading,
    small,
    suits,
    trained,
)
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import genlearn as gl
from genlearn.core.capabilities import Discriminates, Scores
from genlearn.core.params import params_of
from genlearn.core.registry import find


def weights(model):
    return model.networks_.state_dict()


def same(a, b):
    return all(torch.equal(a[key], b[key]) for key in a)


@pytest.fixture
def numpy_state():
    """scikit-learn's checks draw from numpy's global generator themselves."""
    state = np.random.get_state()
    yield
    np.random.set_state(state)


@pytest.mark.parametrize("name", by_family(general()))
@pytest.mark.usefixtures("numpy_state")
def test_scikit_learns_own_checks_pass(name):
    few = {"steps": 2, "evaluation_samples": 2, "sampling_steps": 2}
    results = check_estimator(small(name, **few), on_skip=None, on_fail=None)
    failed = [f"{r['check_name']}: {r['exception']}" for r in results if r["status"] == "failed"]
    assert not failed, "\n".join(failed)


def test_a_constructor_only_stores(name):
    model = gl.create(name)
    assert vars(model) == model.get_params()


def test_clone_gives_an_unfitted_twin(name, fitted):
    twin = clone(fitted(name, "table"))
    assert twin.get_params() == fitted(name, "table").get_params()
    assert not twin.__sklearn_is_fitted__()


@pytest.mark.parametrize("kind", ["table", "grey"])  # networks of rows, networks of images
def test_fit_twice_starts_afresh_and_the_seed_alone_decides_the_weights(name, kind, fitted):
    first, again = weights(fitted(name, kind)), copy.deepcopy(fitted(name, kind))
    with torch.random.fork_rng():
        torch.manual_seed(99)
        assert same(first, weights(again.fit(DATA[kind]())))


@pytest.mark.parametrize("name", trained())
def test_another_seed_gives_other_weights(name, fitted):
    assert not same(
        weights(fitted(name, "table")), weights(small(name, seed=1).fit(gaussian_table()))
    )


def test_a_pipeline_and_a_grid_search_take_the_model(name, fitted):
    table = gaussian_table(120)
    pipeline = make_pipeline(StandardScaler(), small(name, steps=3)).fit(table)
    if hasattr(fitted(name, "table"), "transform"):
        assert pipeline.transform(table).shape[0] == 120
    if isinstance(fitted(name, "table"), Scores):
        key = "latent_dim" if "latent_dim" in params_of(pipeline[-1]) else "seed"
        search = GridSearchCV(
            small(name, steps=3, evaluation_samples=10), {key: [1, 2]}, cv=2, error_score="raise"
        ).fit(table)
        assert search.best_params_[key] in (1, 2)


@pytest.mark.parametrize(
    "hyper",
    [
        {"latent_dim": 0},
        {"latent_dim": 2.5},
        {"size": "huge"},
        {"lr": -1.0},
        {"clip": "x"},
        {"seed": True},
    ],
)
def test_hyper_parameters_out_of_range_are_told_when_fitting(name, hyper):
    key = next(iter(hyper))
    if key in params_of(find(name)):
        with pytest.raises(ValueError, match=key):
            small(name, **hyper).fit(gaussian_table(20))


def test_an_unknown_hyper_parameter_is_told_with_the_nearest_name(name):
    with pytest.raises(ValueError, match="did you mean 'seed'"):
        gl.create(name, sed=3)


def test_an_unknown_model_is_told_with_the_nearest_name():
    with pytest.raises(ValueError, match="did you mean 'vae'"):
        gl.create("vea")


@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_values_that_are_not_finite_are_refused_everywhere(name, bad, fitted):
    table = gaussian_table(20)
    table[3, 2] = float(bad)
    with pytest.raises(ValueError, match=r"(?i)nan|infinit"):
        small(name).fit(table)
    if name in reading():
        with pytest.raises(ValueError, match=r"(?i)nan|infinit"):
            answer(fitted(name, "table"), table)


def test_one_example_is_refused_in_one_line(name):
    for one in (gaussian_table(1), DATA["grey"]()[:1]):
        with pytest.raises(ValueError, match="1 sample") as error:
            small(name).fit(one)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", by_family(general()))
def test_constant_columns_are_learned_as_constant(name):
    table = gaussian_table(200)
    table[:, 1] = 7.0
    steps = 300 if issubclass(find(name), Discriminates) else 60  # a duel takes longer
    rate = {"lr": 0.02} if name == "gan" else {}  # its own is for longer games
    model = small(name, steps=steps, ema=0.99, optimizer="adamw", **rate).fit(table)
    assert abs(model.sample(50, seed=0)[:, 1] - 7).max() < 0.5


@pytest.mark.parametrize("name", by_family(name for name in general() if suits(name, "grey")))
def test_constant_images_do_no_harm(name):
    images = np.full((20, 8, 8), 9, np.uint8)
    assert np.isfinite(small(name).fit(images).sample(3).astype(float)).all()
