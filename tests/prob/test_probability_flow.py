"""The flow as a map: there and back, and the density it gives."""

import math
from functools import partial

import pytest
import torch
from closed_forms import SCHEDULES, Gaussian, Mixture
from hypothesis import given
from hypothesis import strategies as st

from genlearn.core.errors import UserError
from genlearn.prob.diffusion.probability_flow import (
    exact_divergence,
    hutchinson,
    integrate_ode,
    log_density,
)
from genlearn.prob.diffusion.schedules import CosineSchedule, LinearSchedule, ODECoordinates

all_schedules = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
frames = pytest.mark.parametrize("frame", ODECoordinates)
DATA = Gaussian.example()


def ascending(schedule, steps, frame=ODECoordinates.LINEAR, low=0.02):
    """From almost clean data to noise, or as far as the frame holds it well."""
    high = (
        0.98
        if frame is ODECoordinates.RATIO and isinstance(schedule, (LinearSchedule, CosineSchedule))
        else 1.0
    )
    return [schedule.level(low + (high - low) * i / steps) for i in range(steps + 1)]


def signs(count, *shape):
    return (
        torch.randint(0, 2, (count, *shape), generator=torch.Generator().manual_seed(0)).double()
        * 2
        - 1
    )


@all_schedules
@frames
def test_transport_is_the_exact_map_there_and_back(schedule, frame):
    levels = ascending(schedule, 300, frame)
    x = DATA.draw(20, levels[0])
    there = integrate_ode(DATA, x, levels, frame)
    torch.testing.assert_close(
        there, DATA.flow(x, levels[0], levels[-1]), rtol=1e-3, atol=1e-3 * levels[-1].sigma
    )
    torch.testing.assert_close(
        integrate_ode(DATA, there, levels[::-1], frame), x, rtol=1e-3, atol=1e-3
    )


@all_schedules
@frames
def test_the_density_of_a_gaussian(schedule, frame):
    errors = []
    for steps in (200, 400):
        levels = ascending(schedule, steps, frame)
        x = DATA.draw(8, levels[0])
        found = log_density(
            DATA, x, levels, frame, DATA.marginal(levels[-1]).log_prob, exact_divergence
        )
        errors.append((found - DATA.marginal(levels[0]).log_prob(x)).abs().max().item())
    assert errors[1] < (1e-3 if frame is ODECoordinates.LINEAR else 6e-3)
    assert math.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.3)


@all_schedules
def test_few_steps_are_unbiased_enough_in_the_linear_frame(schedule):
    """Even in ratio^(1/7), as Karras' grid."""
    ratios = (
        torch.linspace(
            0.002 ** (1 / 7),
            min(schedule.level(1.0).ratio, 160) ** (1 / 7),
            24,
            dtype=torch.float64,
        )
        ** 7
    )
    levels = [schedule.level(t) for t in schedule.time(ratios).tolist()]
    x = DATA.draw(200, levels[0])
    found = log_density(
        DATA, x, levels, ODECoordinates.LINEAR, DATA.marginal(levels[-1]).log_prob, exact_divergence
    )
    assert (found - DATA.marginal(levels[0]).log_prob(x)).mean().item() == pytest.approx(
        0, abs=0.02
    )


@all_schedules
def test_the_density_of_a_mixture(schedule):
    data, levels = Mixture.example(), ascending(schedule, 400)
    x = levels[0].alpha * data.means
    found = log_density(
        data,
        x,
        levels,
        ODECoordinates.LINEAR,
        lambda x: data.log_prob(x, levels[-1]),
        exact_divergence,
    )
    torch.testing.assert_close(found, data.log_prob(x, levels[0]), rtol=0, atol=2e-3)


def test_the_trace_of_a_linear_map_is_its_diagonal():
    matrix = torch.randn(4, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x = torch.ones(3, 2, 2, dtype=torch.float64)
    value, trace = exact_divergence(lambda x: (x.flatten(1) @ matrix).reshape(x.shape), x)
    torch.testing.assert_close(trace, matrix.trace().expand(3))
    torch.testing.assert_close(value, (x.flatten(1) @ matrix).reshape(x.shape))
    assert not value.requires_grad
    assert not trace.requires_grad


@given(x=st.lists(st.floats(-3, 3), min_size=5, max_size=5))
def test_the_trace_of_a_curved_map(x):
    x = torch.tensor([x, x[::-1]], dtype=torch.float64)
    _, trace = exact_divergence(lambda x: torch.sin(x) * x.sum(1, keepdim=True), x)
    torch.testing.assert_close(trace, (torch.cos(x) * x.sum(1, keepdim=True) + torch.sin(x)).sum(1))


def test_hutchinson_is_unbiased():
    """Over all 2^d signs its mean is the trace; over some it comes close."""
    x, level = DATA.draw(4, SCHEDULES["linear"].level(0.5)), SCHEDULES["linear"].level(0.5)
    f = partial(DATA.posterior_mean, level=level)
    every = torch.tensor(
        [[1 - 2 * (i >> j & 1) for j in range(3)] for i in range(8)], dtype=torch.float64
    )
    _, trace = exact_divergence(f, x)
    torch.testing.assert_close(hutchinson(f, x, every)[1], trace)
    torch.testing.assert_close(hutchinson(f, x, signs(2000, 3))[1], trace, rtol=0.05, atol=0)


def test_densities_may_be_estimated_where_only_inference_is_wanted():
    levels = ascending(SCHEDULES["linear"], 100)
    x = DATA.draw(4, levels[0])
    with torch.inference_mode():
        inferred = log_density(
            DATA,
            x.clone(),
            levels,
            ODECoordinates.LINEAR,
            DATA.marginal(levels[-1]).log_prob,
            partial(hutchinson, probes=signs(64, 3)),
        )
    torch.testing.assert_close(inferred, DATA.marginal(levels[0]).log_prob(x), rtol=0, atol=0.5)


@pytest.mark.parametrize(
    ("frame", "levels"),
    [
        (ODECoordinates.LINEAR, LinearSchedule().levels(3)),
        (ODECoordinates.RATIO, [LinearSchedule().level(0.5), LinearSchedule().level(1.0)]),
    ],
)
def test_levels_that_the_frame_does_not_hold_are_an_error(frame, levels):
    with pytest.raises(UserError, match="leave out"):
        integrate_ode(DATA, torch.zeros(1, 3, dtype=torch.float64), levels, frame)
