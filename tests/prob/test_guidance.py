"""Guidance moves the mean of equal Gaussians, exactly, and only where it should."""

import numpy as np
import pytest
import torch
from closed import PATHS, Gaussian

from genlearn.prob.guidance import dynamic, guided, static
from genlearn.prob.samplers import sample

GENERAL = Gaussian.example()
SPECIAL = Gaussian(GENERAL.mean + torch.tensor([1.0, -0.5, 2.0]), GENERAL.covariance)


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("scale", [0.0, 0.5, 3.0])
def test_equal_covariances_shift_the_mean_and_keep_the_shape(path, scale):
    """Methods, fact 9: N(mu_u + w (mu_c - mu_u), S)."""
    shifted = Gaussian(GENERAL.mean + scale * (SPECIAL.mean - GENERAL.mean), GENERAL.covariance)
    levels = path.levels(40)
    x = shifted.draw(20, levels[0])
    with_guidance = sample(guided(SPECIAL.denoise, GENERAL.denoise, scale), x, levels, "heun", None)
    torch.testing.assert_close(with_guidance, sample(shifted.denoise, x, levels, "heun", None))
    torch.testing.assert_close(with_guidance, shifted.flow(x, levels[0], levels[-1]), rtol=0.02, atol=0.02)


def test_scale_one_is_the_condition_itself():
    assert guided(SPECIAL.denoise, None, 1.0) == SPECIAL.denoise


def test_outside_of_the_interval_the_general_one_is_not_asked():
    asked = []

    def general(x, level):
        asked.append(level.t)
        return GENERAL.denoise(x, level)

    levels = PATHS["linear"].levels(10)
    x = GENERAL.draw(3, levels[0])
    sample(guided(SPECIAL.denoise, general, 2.0, (0.25, 0.55)), x, levels, "euler", None)
    assert asked == pytest.approx([0.5, 0.4, 0.3])
    level = levels[1]
    assert torch.equal(guided(SPECIAL.denoise, general, 2.0, (0.25, 0.55))(x, level), SPECIAL.denoise(x, level))


@pytest.mark.parametrize("share", [0.5, 0.9, 0.995, 1.0])
def test_dynamic_thresholding_by_its_formula(share):
    x = torch.randn(7, 3, 5, 6, generator=torch.Generator().manual_seed(0)) * torch.tensor([0.1, 0.5, 1, 2, 3, 4, 9.0]).reshape(-1, 1, 1, 1)
    found = dynamic(x, share)
    for example, before in zip(found.numpy(), x.numpy(), strict=True):
        s = max(1.0, np.quantile(np.abs(before), share))
        np.testing.assert_allclose(example, np.clip(before, -s, s) / s, rtol=1e-5, atol=1e-6)
    assert found.abs().max() <= 1 + 1e-6
    torch.testing.assert_close(found[0], x[0])
    torch.testing.assert_close(static(x), x.clip(-1, 1))
