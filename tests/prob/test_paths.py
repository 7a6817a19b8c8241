"""Paths run from data to noise, invert, and are the ones of their papers."""

import math
from itertools import pairwise

import pytest
import torch
from closed import PATHS
from hypothesis import given
from hypothesis import strategies as st

from genlearn.core.errors import UserError
from genlearn.prob.paths import Cosine, Frame, Level, Linear, VarianceExploding, VariancePreserving

all_paths = pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
frames = pytest.mark.parametrize("frame", Frame)


@all_paths
def test_noise_grows_from_data_to_noise(path):
    t = torch.linspace(0, 1, 1001, dtype=torch.float64)
    alpha, sigma = path.alpha(t), path.sigma(t)
    assert (alpha.diff() <= 0).all()
    assert (sigma.diff() > 0).all() or isinstance(path, Cosine)
    assert ((sigma / alpha).diff() > 0).all()
    assert alpha[0].item() == pytest.approx(1)
    assert sigma[0].item() == (pytest.approx(0.002) if isinstance(path, VarianceExploding) else 0)
    assert sigma[-1].item() == pytest.approx(path.sigma_max if isinstance(path, VarianceExploding) else 1, rel=1e-4)


@all_paths
@given(t=st.floats(0.001, 0.9999))
def test_time_inverts_the_ratio(path, t):
    level = path.level(t)
    assert path.time(torch.tensor(level.ratio, dtype=torch.float64)).item() == pytest.approx(t, rel=1e-6)
    assert path.time(torch.tensor([[level.ratio]])).item() == pytest.approx(t, rel=1e-3)


@all_paths
def test_ratios_beyond_the_ends_give_the_ends(path):
    torch.testing.assert_close(path.time(torch.tensor([0.0, math.inf])), torch.tensor([0.0, 1.0]), rtol=0, atol=1e-4)


@all_paths
@given(t=st.floats(0.0, 1.0))
def test_single_precision_says_the_same(path, t):
    level, at = path.level(t), torch.tensor(t)
    assert path.alpha(at).dtype == path.sigma(at).dtype == torch.float32
    assert path.alpha(at).item() == pytest.approx(level.alpha, rel=2e-4, abs=1e-7)
    assert path.sigma(at).item() == pytest.approx(level.sigma, rel=2e-4, abs=1e-7)


@all_paths
@pytest.mark.parametrize("steps", [1, 2, 10, 999])
def test_the_grid_leads_from_noise_to_clean_data(path, steps):
    levels = path.levels(steps)
    assert len(levels) == steps + 1
    assert levels[0] == path.level(1.0)
    assert (levels[-1].t, levels[-1].alpha, levels[-1].sigma) == (0, 1, 0)
    assert all(before.ratio > after.ratio for before, after in pairwise(levels))
    assert {level.frame for level in levels} == {path.frame}


def test_no_steps_are_an_error():
    with pytest.raises(UserError, match="at least 1"):
        Linear().levels(0)


def test_published_values():
    preserving, cosine, exploding = VariancePreserving(), Cosine(), VarianceExploding()
    assert preserving.level(1.0).alpha ** 2 == pytest.approx(4.0358e-5, rel=1e-4)  # Ho et al. 2020: alpha_bar_1000
    assert preserving.level(0.001).alpha ** 2 == pytest.approx(1 - 1e-4, rel=1e-12)
    level = cosine.level(0.5)
    assert level.alpha**2 == pytest.approx(math.cos(0.508 / 1.008 * math.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2)
    assert level.alpha**2 + level.sigma**2 == pytest.approx(1)
    assert cosine.level(1.0).alpha > 0
    sigmas = [level.sigma for level in exploding.levels(18)]
    assert sigmas[0] == pytest.approx(80)
    assert sigmas[1] == pytest.approx((80 ** (1 / 7) + (0.002 ** (1 / 7) - 80 ** (1 / 7)) / 17) ** 7)
    assert sigmas[-2:] == [pytest.approx(0.002), 0]
    assert Linear().level(1.0).ratio == math.inf


@all_paths
@frames
@given(x=st.floats(-2, 2), eps=st.floats(-2, 2))
def test_frames_make_every_path_straight(path, frame, x, eps):
    levels = [path.level(t) for t in (0.2, 0.4, 0.9)]
    clock = [frame.clock(level) for level in levels]
    y = [(level.alpha * x + level.sigma * eps) / frame.scale(level) for level in levels]
    slopes = [(y[i + 1] - y[i]) / (clock[i + 1] - clock[i]) for i in (0, 1)]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-6, abs=1e-9)
    assert slopes[0] == pytest.approx(eps if frame is Frame.RATIO else eps - x, rel=1e-6, abs=1e-9)


def test_the_linear_frame_holds_pure_noise():
    assert Frame.LINEAR.scale(Level(1.0, 0.0, 1.0)) == Frame.LINEAR.clock(Level(1.0, 0.0, 1.0)) == 1
