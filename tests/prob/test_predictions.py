"""Every target holds the answer x, and Karras' is the one of the paper."""

import pytest
import torch
from closed_forms import SCHEDULES
from hypothesis import given
from hypothesis import strategies as st

from genlearn.prob.diffusion.predictions import (
    EDMPreconditioning,
    EpsPrediction,
    VelocityPrediction,
    VPrediction,
    X0Prediction,
)
from genlearn.prob.diffusion.schedules import NoiseLevel

NOISE = NoiseLevel(1.0, 0.0, 1.0)
TARGETS = [
    EpsPrediction(),
    X0Prediction(),
    VPrediction(),
    VelocityPrediction(),
    EDMPreconditioning(0.5),
]
targets = pytest.mark.parametrize("target", TARGETS, ids=lambda target: type(target).__name__)
levels = {"t": st.floats(0.001, 0.99)}
positive = st.floats(0.01, 50)


def pair(n=6):
    return torch.randn(2, n, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@targets
@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@given(t=st.floats(0.001, 0.99))
def test_the_target_gives_back_the_data(target, schedule, t):
    x, eps = pair()
    level = schedule.level(t)
    x_t = level.alpha * x + level.sigma * eps
    out = target.target(x, eps, level)
    torch.testing.assert_close(target.denoised(out, x_t, level), x, rtol=1e-6, atol=1e-6)


@targets
@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@given(t=st.floats(0.01, 0.99), error=st.floats(-2, 2))
def test_an_error_of_the_output_is_one_of_the_noise(target, schedule, t, error):
    x, eps = pair()
    level = schedule.level(t)
    x_t = level.alpha * x + level.sigma * eps
    off = target.denoised(target.target(x, eps, level) + error, x_t, level)
    meant = (x_t - level.alpha * off) / level.sigma - eps
    torch.testing.assert_close(
        meant.abs(),
        abs(target.noise_gain(level) * error) * torch.ones_like(eps),
        rtol=1e-6,
        atol=1e-6,
    )


@targets
def test_each_example_may_have_its_own_level(target):
    x, eps = pair()
    schedule, t = SCHEDULES["preserving"], torch.linspace(0.1, 0.9, 6, dtype=torch.float64)[:, None]
    level = schedule.at(t)
    out = target.target(x, eps, level)
    torch.testing.assert_close(target.denoised(out, level.alpha * x + level.sigma * eps, level), x)
    one = schedule.level(t[3].item())
    torch.testing.assert_close(out[3], target.target(x[3], eps[3], one))


@pytest.mark.parametrize("target", TARGETS[1:], ids=lambda target: type(target).__name__)
def test_all_but_the_noise_answer_at_pure_noise_too(target):
    x, eps = pair()
    torch.testing.assert_close(target.denoised(target.target(x, eps, NOISE), eps, NOISE), x)


@given(sigma=positive, sd=st.floats(0.05, 5))
def test_preconditioning_is_that_of_karras(sigma, sd):
    target, total = EDMPreconditioning(sd), sigma**2 + sd**2
    c_skip, c_out, c_in = sd**2 / total, sigma * sd / total**0.5, total**-0.5
    out, x = pair()
    torch.testing.assert_close(
        target.denoised(out, x, NoiseLevel(0.5, 1.0, sigma)), c_skip * x + c_out * out
    )
    assert target.input_scale(NoiseLevel(0.5, 1.0, sigma)) == pytest.approx(c_in)


@given(alpha=st.floats(0, 1), sigma=positive, sd=st.floats(0.05, 5))
def test_preconditioned_inputs_and_targets_have_unit_variance(alpha, sigma, sd):
    target = EDMPreconditioning(sd)
    a, b = target.weights(NoiseLevel(0.5, alpha, sigma))
    assert (a * sd) ** 2 + b**2 == pytest.approx(1)
    assert target.input_scale(NoiseLevel(0.5, alpha, sigma)) ** 2 * (
        (alpha * sd) ** 2 + sigma**2
    ) == pytest.approx(1)


@given(sigma=positive, sd=st.floats(0.05, 5))
def test_on_isotropic_data_the_preconditioned_network_has_nothing_to_say(sigma, sd):
    """Methods: F* = 0 for S = sd^2 I, where the weighted loss is 1 in every dimension: the variance
    of the target, which does not depend on x_t."""
    a, b = EDMPreconditioning(sd).weights(NoiseLevel(0.5, 1.0, sigma))
    # the covariance of target and x_t
    assert a * sd**2 + b * sigma == pytest.approx(0, abs=1e-9 * sd * (1 + sigma))
    x = pair()[0]
    torch.testing.assert_close(
        EDMPreconditioning(sd).denoised(torch.zeros_like(x), x, NoiseLevel(0.5, 1.0, sigma)),
        sd**2 / (sd**2 + sigma**2) * x,
    )


@given(angle=st.floats(0, 1.57))
def test_with_unit_data_it_is_minus_the_velocity_along_the_angle(angle):
    alpha = torch.tensor(angle, dtype=torch.float64).cos()
    sigma = torch.tensor(angle, dtype=torch.float64).sin()
    x, eps = pair()
    torch.testing.assert_close(
        EDMPreconditioning(1.0).target(x, eps, NoiseLevel(0.5, alpha, sigma)),
        -VPrediction().target(x, eps, NoiseLevel(0.5, alpha, sigma)),
    )
