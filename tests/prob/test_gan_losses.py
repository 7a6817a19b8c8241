"""Games and penalties against what is known of them in closed form."""

import math
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlearn.prob.gan_losses import (
    MinimaxLoss,
    NonSaturatingLoss,
    RelativisticLoss,
    WassersteinLoss,
)
from genlearn.prob.gradient_penalties import r1_penalty, squared_gradient_norm, wgan_gp_penalty

GAMES = [MinimaxLoss(), NonSaturatingLoss(), RelativisticLoss(), WassersteinLoss()]
games = pytest.mark.parametrize("game", GAMES, ids=lambda game: type(game).__name__)


@games
def test_equal_answers_are_the_equilibrium(game):
    logits = torch.zeros(7)
    assert float(game.value(logits, logits)) == pytest.approx(game.equilibrium)
    torch.testing.assert_close(game.probability_real(logits, logits), torch.full((7,), 0.5))


@games
def test_both_players_pull_in_opposite_directions(game):
    real, fake = (
        torch.randn(2, 50, generator=torch.Generator().manual_seed(0)).requires_grad_(True).unbind()
    )
    (up,) = torch.autograd.grad(game.discriminator(real, fake), fake, retain_graph=True)
    (down,) = torch.autograd.grad(game.generator(fake, lambda: real), fake)
    assert (up > 0).all()
    assert (down < 0).all()


@pytest.mark.parametrize("m", [0.0, 0.5, 1.0, 3.0])
def test_the_optimal_discriminator_of_two_normals(m):
    """p = N(0, 1), q = N(m, 1): logit D* = m^2 / 2 - m x is where V has no slope, and V there is
    -log 4 + 2 JSD (methods, section 3, fact 3)."""
    x = torch.linspace(-12, 12 + m, 20_001, dtype=torch.float64)
    p, q = (
        torch.exp(-((x - mean) ** 2) / 2) / math.sqrt(2 * math.pi) * (x[1] - x[0])
        for mean in (0.0, m)
    )
    best = (m**2 / 2 - m * x).requires_grad_(True)
    real, fake = torch.nn.functional.logsigmoid(best), torch.nn.functional.logsigmoid(-best)
    value = (p * real).sum() + (q * fake).sum()
    (gradient,) = torch.autograd.grad(value, best)
    assert gradient.abs().max() < 1e-10
    mixed = (p + q) / 2
    jsd = 0.5 * sum((part * (part / mixed).clamp(min=1e-300).log()).sum() for part in (p, q))
    assert value.item() == pytest.approx(float(-math.log(4) + 2 * jsd), abs=1e-6)
    if m == 1.0:
        assert value.item() == pytest.approx(-1.16345, abs=1e-5)
    right = 0.5 * (p[x < m / 2].sum() + q[x >= m / 2].sum())
    assert float(right) == pytest.approx(0.5 * (1 + math.erf(m / 2 / math.sqrt(2))), abs=1e-3)


def test_value_is_estimated_without_bias_from_samples():
    """The mean of many games of the optimal discriminator of N(0, 1) and N(1, 1) is its V."""
    generator = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, 400_000, generator=generator, dtype=torch.float64).unbind()
    assert float(MinimaxLoss().value(0.5 - real, 0.5 - (fake + 1))) == pytest.approx(
        -1.16345, abs=3e-3
    )


def test_the_generator_that_does_not_saturate_keeps_its_gradient():
    fake = torch.full((1,), -30.0, requires_grad=True)
    saturated, kept = (
        torch.autograd.grad(game.generator(fake, partial(torch.zeros, 1)), fake)[0]
        for game in (MinimaxLoss(), NonSaturatingLoss())
    )
    assert saturated.abs() < 1e-12
    assert kept.abs() == pytest.approx(1.0)


def test_pairs_are_compared_in_the_relativistic_game_whatever_is_added_to_both():
    real, fake = torch.randn(2, 9, generator=torch.Generator().manual_seed(1)).unbind()
    game = RelativisticLoss()
    torch.testing.assert_close(game.value(real + 5, fake + 5), game.value(real, fake))
    assert float(game.discriminator(real, fake)) == pytest.approx(
        float(torch.log1p((fake - real).exp()).mean())
    )
    assert float(game.generator(fake, lambda: real)) == pytest.approx(
        float(torch.log1p((real - fake).exp()).mean())
    )


@games
@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=5),
    st.lists(st.floats(-50, 50), min_size=1, max_size=5),
)
def test_beliefs_are_shares_and_grow_with_the_logit(game, logits, others):
    probability_real = game.probability_real(torch.tensor(sorted(logits)), torch.tensor(others))
    assert ((probability_real >= 0) & (probability_real <= 1)).all()
    assert (probability_real.diff() >= -1e-6).all()


@pytest.mark.parametrize("w", [[3.0, 4.0], [0.0, 0.0], [0.6, 0.8]])
def test_penalties_of_a_linear_discriminator(w):
    """D = w x: R1 = R2 = gamma / 2 ||w||^2, and the penalty of WGAN-GP is 10 (||w|| - 1)^2."""
    weight = torch.tensor(w, requires_grad=True)
    real, fake = (
        torch.randn(2, 6, 2, generator=torch.Generator().manual_seed(0))
        .requires_grad_(True)
        .unbind()
    )

    def critic(x):
        return x @ weight

    norm = torch.tensor(w).norm()
    torch.testing.assert_close(squared_gradient_norm(critic(real), real), norm.square().expand(6))
    r1 = r1_penalty(critic(real), real, 0.3)
    assert r1.item() == pytest.approx(0.15 * float(norm) ** 2)
    torch.testing.assert_close(torch.autograd.grad(r1, weight)[0], 0.3 * torch.tensor(w))
    with torch.random.fork_rng():
        assert wgan_gp_penalty(critic, real, fake, 10.0).item() == pytest.approx(
            10 * (float(norm) - 1) ** 2, abs=1e-3
        )


def test_the_slope_of_a_quadratic_discriminator():
    """D = x^2 / 2 has the gradient x."""
    x = torch.randn(5, 1, 3, 3, generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    torch.testing.assert_close(
        squared_gradient_norm(x.square().flatten(1).sum(1) / 2, x), x.square().flatten(1).sum(1)
    )
