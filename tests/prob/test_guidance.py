"""Guidance moves the mean of equal Gaussians, exactly, and only where it should."""

import numpy as np
import pytest
import torch
from closed_forms import SCHEDULES, Function, Gaussian

from genlearn.core.seeding import seeded
from genlearn.nets.data_normalizer import DataNormalizer
from genlearn.nets.density.mixture_denoiser import MixtureDenoiser
from genlearn.prob.diffusion.anchored import AnchoredDenoiser
from genlearn.prob.diffusion.denoiser import LearnedDenoiser
from genlearn.prob.diffusion.guidance import (
    ClassifierFreeGuidance,
    dynamic_threshold,
    static_threshold,
)
from genlearn.prob.diffusion.predictions import VelocityPrediction
from genlearn.prob.diffusion.samplers import Euler, Heun

GENERAL = Gaussian.example()
SPECIAL = Gaussian(GENERAL.mean + torch.tensor([1.0, -0.5, 2.0]), GENERAL.covariance)


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("scale", [0.0, 0.5, 3.0])
def test_equal_covariances_shift_the_mean_and_keep_the_shape(schedule, scale):
    """Methods, fact 9: N(mu_u + w (mu_c - mu_u), S)."""
    shifted = Gaussian(GENERAL.mean + scale * (SPECIAL.mean - GENERAL.mean), GENERAL.covariance)
    levels = schedule.levels(40)
    x = shifted.draw(20, levels[0])
    with_guidance = Heun().sample(ClassifierFreeGuidance(SPECIAL, GENERAL, scale), x, levels, None)
    torch.testing.assert_close(with_guidance, Heun().sample(shifted, x, levels, None))
    torch.testing.assert_close(
        with_guidance, shifted.flow(x, levels[0], levels[-1]), rtol=0.02, atol=0.02
    )


def test_scale_one_is_the_condition_itself():
    level = SCHEDULES["linear"].level(0.5)
    x = GENERAL.draw(3, level)
    alone = ClassifierFreeGuidance(SPECIAL, None, 1.0)
    assert torch.equal(alone.posterior_mean(x, level), SPECIAL.posterior_mean(x, level))


def test_outside_of_the_interval_the_general_one_is_not_asked():
    asked = []

    def general(x, level):
        asked.append(level.t)
        return GENERAL.posterior_mean(x, level)

    levels = SCHEDULES["linear"].levels(10)
    x = GENERAL.draw(3, levels[0])
    guided = ClassifierFreeGuidance(SPECIAL, Function(general), 2.0, (0.25, 0.55))
    Euler().sample(guided, x, levels, None)
    assert asked == pytest.approx([0.5, 0.4, 0.3])
    level = levels[1]
    assert torch.equal(guided.posterior_mean(x, level), SPECIAL.posterior_mean(x, level))


def learned(kind, network):
    """A denoiser of ``network``, (x_t, log ratio, condition) -> like x_t."""
    units = DataNormalizer((3,), 0.5)
    parts = (network, SCHEDULES["linear"], VelocityPrediction(), units, lambda level: level.alpha)
    if kind is AnchoredDenoiser:
        mixture = MixtureDenoiser(3, 0)
        mixture.error.fill_(0.7)
        return AnchoredDenoiser(*parts, mixture)
    return kind(*parts)


@pytest.mark.parametrize("kind", [LearnedDenoiser, AnchoredDenoiser])
@pytest.mark.parametrize("weight", [1.0, 1.5, 4.0])
def test_the_loss_of_a_guided_network_is_that_of_the_one_it_implies(kind, weight):
    """L_w [D_u + w (D_c - D_u)] = L_1 [D_c], whatever D_u and D_c are, and D_u is not moved."""
    with seeded(0):
        general, special = (torch.nn.Linear(6 if kind is AnchoredDenoiser else 3, 3) for _ in "uc")
        x, noise, t = torch.randn(50, 3), torch.randn(50, 3), torch.rand(50)

    def plain(x_t, log_ratio, condition):
        return (special if condition else general)(x_t)

    def guided(x_t, log_ratio, condition):
        return torch.lerp(general(x_t), plain(x_t, log_ratio, condition), weight)

    loss = learned(kind, guided).loss(x, noise, t, True, weight)
    expected = learned(kind, plain).loss(x, noise, t, True)
    torch.testing.assert_close(loss, expected)
    told = learned(kind, plain).loss(x, noise, t, True, weight)
    told.backward()
    assert general.weight.grad is None
    assert special.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("share", [0.5, 0.9, 0.995, 1.0])
def test_dynamic_thresholding_by_its_formula(share):
    x = torch.randn(7, 3, 5, 6, generator=torch.Generator().manual_seed(0)) * torch.tensor(
        [0.1, 0.5, 1, 2, 3, 4, 9.0]
    ).reshape(-1, 1, 1, 1)
    found = dynamic_threshold(x, share)
    for example, before in zip(found.numpy(), x.numpy(), strict=True):
        s = max(1.0, np.quantile(np.abs(before), share))
        np.testing.assert_allclose(example, np.clip(before, -s, s) / s, rtol=1e-5, atol=1e-6)
    assert found.abs().max() <= 1 + 1e-6
    torch.testing.assert_close(found[0], x[0])
    torch.testing.assert_close(static_threshold(x), x.clip(-1, 1))
