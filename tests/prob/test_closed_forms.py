"""The closed forms that other tests lean on agree with their own densities, at every level:
Tweedie's formula."""

import pytest
import torch
from closed_forms import SCHEDULES, Gaussian, Mixture


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize(
    "known", [Gaussian.example(), Mixture.example()], ids=["gaussian", "mixture"]
)
def test_denoisers_are_the_score_of_their_density(schedule, known):
    for t in (0.1, 0.5, 0.9):
        level = schedule.level(t)
        x = torch.randn(
            5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64
        ).requires_grad_()
        log_prob = (
            known.marginal(level).log_prob(x)
            if isinstance(known, Gaussian)
            else known.log_prob(x, level)
        )
        (score,) = torch.autograd.grad(log_prob.sum(), x)
        torch.testing.assert_close(
            known.posterior_mean(x, level), (x + level.sigma**2 * score) / level.alpha
        )


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_the_flow_of_a_gaussian_carries_its_distribution_along(schedule):
    known, start, end = Gaussian.example(), schedule.level(1.0), schedule.level(0.3)
    x = known.flow(known.draw(100_000, start), start, end)
    torch.testing.assert_close(
        x.mean(0), known.marginal(end).loc, rtol=0, atol=0.02 * end.sigma + 0.02
    )
    torch.testing.assert_close(
        x.T.cov(), known.marginal(end).covariance_matrix, rtol=0.03, atol=0.03 * end.sigma**2
    )
