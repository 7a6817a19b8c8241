"""Guidance moves the mean of equal Gaussians, exactly, and only where it should."""

import pytest
import torch
from closed import PATHS, Gaussian

from genlearn.prob.guidance import guided
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
