"""How many examples a step takes: as many as the time and the noise of the gradient ask for."""

import time

import numpy as np
import pytest
import torch
from helpers import blobs, training
from hypothesis import given
from hypothesis import strategies as st

import genlearn as gl
from genlearn.core.estimator_types import BATCH_SIZE
from genlearn.data import open_data
from genlearn.engine.duration.batch_size import (
    LARGEST,
    SMALLEST,
    batch_size,
    gradient_noise_scale,
)
from genlearn.engine.duration.budget import Budget
from genlearn.engine.duration.plan import OPEN, Plan
from genlearn.engine.trainer import Trainer

times, steps = st.floats(0, 1e4), st.floats(1e-3, 100)


@given(times, times, steps)
def test_more_time_asks_for_no_fewer_examples(one, other, each):
    less, more = sorted((one, other))
    assert SMALLEST <= batch_size(less, each, None) <= batch_size(more, each, None) <= BATCH_SIZE


@given(times, steps, st.floats(0, 1e5), st.floats(0, 1e5))
def test_more_noise_asks_for_no_fewer_examples(left, each, one, other):
    less, more = sorted((one, other))
    sizes = [batch_size(left, each, scale) for scale in (None, less, more)]
    assert SMALLEST <= sizes[0] <= sizes[1] <= sizes[2] <= LARGEST


class Shifted(gl.VAE):
    """A gradient of -(x + m) in the first weights, x ~ N(0, I): its noise scale is 1 / m^2."""

    shift = 0.0

    def objectives(self, x, y=None):
        weight = next(p for p in self.networks_.parameters() if p.numel() >= x.shape[1])
        yield self.networks_, -(weight.flatten()[: x.shape[1]] * (x + self.shift).mean(0)).sum()


@pytest.mark.parametrize("scale", [4, 100, 500])
def test_the_noise_scale_is_that_of_the_closed_form(scale):
    values = np.random.default_rng(0).normal(size=(5000, 400)).astype(np.float32)
    loop = training(Shifted(size="tiny"), open_data(values), Plan.of(OPEN))
    loop.model.shift = scale**-0.5
    assert gradient_noise_scale(loop, seconds=60.0) == pytest.approx(scale, rel=0.3)


def test_a_gradient_that_is_all_noise_has_no_scale():
    values = np.random.default_rng(0).normal(size=(5000, 400)).astype(np.float32)
    found = gradient_noise_scale(
        training(Shifted(size="tiny"), open_data(values), Plan.of(OPEN)), seconds=60.0
    )
    assert found is None or found > 5000


def test_what_the_last_step_has_left_is_no_part_of_the_noise():
    values = np.random.default_rng(0).normal(size=(5000, 40)).astype(np.float32)
    found = []
    for left in (None, 1e3):
        loop = training(Shifted(size="tiny"), open_data(values), Plan.of(OPEN))
        loop.model.shift = 0.2
        for weight in loop.parameters["loss"]:
            weight.grad = None if left is None else torch.full_like(weight, left)
        found.append(gradient_noise_scale(loop, seconds=60.0))
    assert found[0] == found[1]


def test_measuring_leaves_training_as_it_is():
    loop = training(gl.VQVAE(size="tiny"), open_data("digits"), Plan.of(OPEN))
    before = {key: value.clone() for key, value in loop.model.networks_.state_dict().items()}
    gradient_noise_scale(loop, seconds=1.0)
    for key, value in loop.model.networks_.state_dict().items():
        assert torch.equal(value, before[key]), key
    assert loop.state.step == 0


class Slow(Trainer):
    """A step takes 50 ms more than it needs."""

    def _step(self, step):
        time.sleep(0.05)
        super()._step(step)


@pytest.mark.parametrize(("given", "taken"), [(None, SMALLEST), (128, 128)])
def test_a_time_of_few_steps_is_spent_on_small_ones_unless_their_size_is_given(given, taken):
    loop = training(
        gl.VAE(size="tiny", batch_size=given), open_data(blobs(60)), Plan.of(OPEN), Slow
    )
    Budget(loop, 1.0, time.perf_counter()).train(lambda each: None)
    assert loop.batch_size == taken
    assert loop.plan.examples(loop.steps, 1) == (taken if given is None else 1) * loop.steps
