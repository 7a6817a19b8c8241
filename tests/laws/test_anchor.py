"""Law: what begins as a closed form is as good from the first step on."""

import numpy as np
import pytest
import torch
from helpers import DATA, blobs, gaussian_table, general, small

import genlearn as gl
from genlearn.core.params import params_of
from genlearn.core.registry import find
from genlearn.core.seeding import seeded
from genlearn.engine.device import fabric_for
from genlearn.engine.plan import Plan
from genlearn.engine.trainer import Trainer

ANCHORED = [name for name in general() if "anchor" in params_of(find(name))]
TWICE = {"table": lambda: gaussian_table(1200), "grey": lambda: blobs(600)}


def begun(name, data, **settings):
    """A model before its first step."""
    model, opened = small(name, **settings), gl.open_data(data)
    model.spec_, model.n_samples_ = opened.spec, len(opened)
    model.resolve_hyperparameters(opened.spec)
    Trainer(model, opened, fabric_for(model, opened.spec), Plan.of(1)).build()
    model.networks_.eval()
    return model


@torch.inference_mode()
def held_out_loss(model, data):
    """The objective at fixed times and noise."""
    x = model.spec_.to_internal(data)
    with seeded(0):
        times = [model.training_times(len(x)) for _ in range(20)]
        noises = torch.randn(20, *x.shape)
        pairs = [
            float(model.denoiser.loss(x, eps, t[torch.randperm(len(t))]))
            for eps, t in zip(noises, times, strict=True)
        ]
    return np.mean(pairs)


@pytest.mark.parametrize("name", ANCHORED)
@pytest.mark.parametrize("kind", list(DATA))
def test_before_the_first_step_it_is_the_mixture(name, kind):
    model = begun(name, DATA[kind]())
    x = model.normalizer(model.spec_.to_internal(DATA[kind]()[:20]))
    for t in (0.01, 0.3, 0.9):
        level = model.schedule.level(t)
        with seeded(0):
            x_t = level.noised(x, torch.randn_like(x))
        alpha, sigma = level.per_example(x_t)
        with torch.inference_mode():
            found = model.denoiser.posterior_mean(x_t, level)
            torch.testing.assert_close(found, model.networks_["anchor"](x_t, alpha, sigma))


@pytest.mark.parametrize("name", ANCHORED)
@pytest.mark.parametrize("kind", list(TWICE))
def test_it_is_never_worse_than_the_mixture(name, kind):
    data, more = np.split(TWICE[kind](), 2)
    mixture = held_out_loss(begun(name, data), more)
    for steps in (1, 20, 100):
        model = small(name, steps=steps, ema=0.99).fit(data)
        assert held_out_loss(model, more) < 1.01 * mixture, steps


@pytest.mark.parametrize("name", ANCHORED)
def test_it_can_be_left_out(name):
    assert "anchor" not in begun(name, blobs(), anchor="none").networks_
