"""Paths run from data to noise, invert, and are the ones of their papers."""

import math
from itertools import pairwise

import pytest
import torch
from closed_forms import SCHEDULES
from hypothesis import given
from hypothesis import strategies as st

from genlearn.core.errors import UserError
from genlearn.prob.diffusion.schedules import (
    CosineSchedule,
    LinearSchedule,
    NoiseLevel,
    ODECoordinates,
    VarianceExploding,
    VariancePreserving,
)

all_schedules = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
frames = pytest.mark.parametrize("frame", ODECoordinates)


@all_schedules
def test_noise_grows_from_data_to_noise(schedule):
    t = torch.linspace(0, 1, 1001, dtype=torch.float64)
    alpha, sigma = schedule.alpha(t), schedule.sigma(t)
    assert (alpha.diff() <= 0).all()
    assert (sigma.diff() > 0).all() or isinstance(schedule, CosineSchedule)
    assert ((sigma / alpha).diff() > 0).all()
    assert alpha[0].item() == pytest.approx(1)
    assert sigma[0].item() == (
        pytest.approx(0.002) if isinstance(schedule, VarianceExploding) else 0
    )
    assert sigma[-1].item() == pytest.approx(
        schedule.sigma_max if isinstance(schedule, VarianceExploding) else 1, rel=1e-4
    )


@all_schedules
@given(t=st.floats(0.001, 0.9999))
def test_time_inverts_the_ratio(schedule, t):
    level = schedule.level(t)
    assert schedule.time(torch.tensor(level.ratio, dtype=torch.float64)).item() == pytest.approx(
        t, rel=1e-6
    )
    assert schedule.time(torch.tensor([[level.ratio]])).item() == pytest.approx(t, rel=1e-3)


@all_schedules
def test_ratios_beyond_the_ends_give_the_ends(schedule):
    torch.testing.assert_close(
        schedule.time(torch.tensor([0.0, math.inf])), torch.tensor([0.0, 1.0]), rtol=0, atol=1e-4
    )


@all_schedules
@given(t=st.floats(0.0, 1.0))
def test_single_precision_says_the_same(schedule, t):
    level, at = schedule.level(t), torch.tensor(t)
    assert schedule.alpha(at).dtype == schedule.sigma(at).dtype == torch.float32
    assert schedule.alpha(at).item() == pytest.approx(level.alpha, rel=2e-4, abs=1e-7)
    assert schedule.sigma(at).item() == pytest.approx(level.sigma, rel=2e-4, abs=1e-7)


@all_schedules
@pytest.mark.parametrize("steps", [1, 2, 10, 999])
def test_the_grid_leads_from_noise_to_clean_data(schedule, steps):
    levels = schedule.levels(steps)
    assert len(levels) == steps + 1
    assert levels[0] == schedule.level(1.0)
    assert (levels[-1].t, levels[-1].alpha, levels[-1].sigma) == (0, 1, 0)
    assert all(before.ratio > after.ratio for before, after in pairwise(levels))
    assert {level.coordinates for level in levels} == {schedule.coordinates}


def test_no_steps_are_an_error():
    with pytest.raises(UserError, match="at least 1"):
        LinearSchedule().levels(0)


def test_published_values():
    preserving, cosine, exploding = VariancePreserving(), CosineSchedule(), VarianceExploding()
    # Ho et al. 2020: alpha_bar_1000
    assert preserving.level(1.0).alpha ** 2 == pytest.approx(4.0358e-5, rel=1e-4)
    assert preserving.level(0.001).alpha ** 2 == pytest.approx(1 - 1e-4, rel=1e-12)
    level = cosine.level(0.5)
    assert level.alpha**2 == pytest.approx(
        math.cos(0.508 / 1.008 * math.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    )
    assert level.alpha**2 + level.sigma**2 == pytest.approx(1)
    assert cosine.level(1.0).alpha > 0
    sigmas = [level.sigma for level in exploding.levels(18)]
    assert sigmas[0] == pytest.approx(80)
    assert sigmas[1] == pytest.approx(
        (80 ** (1 / 7) + (0.002 ** (1 / 7) - 80 ** (1 / 7)) / 17) ** 7
    )
    assert sigmas[-2:] == [pytest.approx(0.002), 0]
    assert LinearSchedule().level(1.0).ratio == math.inf


@all_schedules
@frames
@given(x=st.floats(-2, 2), eps=st.floats(-2, 2))
def test_frames_make_every_path_straight(schedule, frame, x, eps):
    levels = [schedule.level(t) for t in (0.2, 0.4, 0.9)]
    clock = [frame.tau(level) for level in levels]
    y = [(level.alpha * x + level.sigma * eps) / frame.scale(level) for level in levels]
    slopes = [(y[i + 1] - y[i]) / (clock[i + 1] - clock[i]) for i in (0, 1)]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-6, abs=1e-9)
    assert slopes[0] == pytest.approx(
        eps if frame is ODECoordinates.RATIO else eps - x, rel=1e-6, abs=1e-9
    )


def test_the_linear_frame_holds_pure_noise():
    assert (
        ODECoordinates.LINEAR.scale(NoiseLevel(1.0, 0.0, 1.0))
        == ODECoordinates.LINEAR.tau(NoiseLevel(1.0, 0.0, 1.0))
        == 1
    )
