"""A generator of few steps: the levels that it passes through, its guesses, and the paths that it
is taught by."""

import pytest
import torch
from closed_forms import SCHEDULES, Function, Gaussian

from genlearn.prob.diffusion.few_steps import NOISIEST, generate, generation_levels, path_end

WIDE = Gaussian.example()
all_schedules = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)


@all_schedules
def test_levels_fall_evenly_from_the_noisiest(schedule):
    levels = generation_levels(schedule, 0.5, 4)
    shares = torch.tensor([level.ratio / (1 + level.ratio) for level in levels])
    noisiest = NOISIEST * 0.5
    assert levels[0].ratio == pytest.approx(noisiest, rel=1e-3)
    torch.testing.assert_close(
        shares, shares[0] * torch.tensor([1, 0.75, 0.5, 0.25]), rtol=0.02, atol=0
    )


@all_schedules
def test_a_guess_is_made_at_each_level_with_the_noise_of_its_number(schedule):
    levels, seen = generation_levels(schedule, 0.5, 3), []

    def guess(x_t, level):
        seen.append((x_t, level))
        return torch.full_like(x_t, float(len(seen)))

    denoiser = Function(guess)
    x = generate(denoiser, torch.zeros(2, 3), levels, lambda step: torch.full((2, 3), 10.0**step))
    assert [level for _, level in seen] == levels
    assert (x == 3).all()
    for step in (1, 2):
        expected = levels[step].alpha * step + levels[step].sigma * 10.0**step
        torch.testing.assert_close(seen[step][0], torch.full((2, 3), expected))


@all_schedules
def test_a_path_ends_where_the_flow_of_a_gaussian_does(schedule):
    """Within a fifth of the deviation of data, as far as three steps see."""
    denoiser = Gaussian(WIDE.mean / 2, WIDE.covariance / 4)
    object.__setattr__(denoiser, "schedule", schedule)
    clean = schedule.levels(1)[-1]
    for level in generation_levels(schedule, 0.5, 2):
        x_t = denoiser.draw(200, level)
        exact = denoiser.flow(x_t, level, clean)
        error = (path_end(denoiser, x_t, level) - exact).square().mean().sqrt()
        assert error < 0.2 * exact.std()
