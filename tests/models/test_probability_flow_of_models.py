"""The probability-flow ODE: codes and back, and log p(x) where the truth is known."""

import numpy as np
import pytest
import torch
from closed_forms import Gaussian
from denoising import inside, level_of
from helpers import blobs, by_family, gaussian_table, small

from genlearn.core.seeding import seeded

QUICK = {
    "steps": 150,
    "batch_size": 128,
    "lr": 1e-2,
    "ema": 0.99,
    "ode_steps": 24,
    "optimizer": "adamw",
}
SHARES = [0.6, 0.3, 0.1]


@pytest.fixture(scope="session")
def images_model():
    """Models of small images, each trained once."""
    cache = {}

    def get(name):
        if name not in cache:
            cache[name] = small(name, steps=60, lr=4e-3, ema=0.99, ode_steps=64).fit(blobs(300))
        return cache[name]

    return get


def levelled(n, seed=0):
    """Images of 2x2 independent pixels with three levels."""
    return np.random.default_rng(seed).choice(3, size=(n, 2, 2), p=SHARES).astype(np.uint8)


def nats(images):
    """-log P of each, under the truth."""
    return -np.log(SHARES)[images].sum((1, 2))


def test_bits_of_gaussian_data_are_its_entropy(gaussian):
    """-E log p = 1/2 log det(2 pi e S): within 2 % in bits for each number, and never below by more
    than the integrator's error."""
    model, _ = gaussian
    test = gaussian_table(4000, 3, seed=2)[:1000]
    train = gaussian_table(4000, 3, seed=2)
    covariance, off = np.cov(train, rowvar=False), test - train.mean(0)
    exact = -0.5 * (
        np.einsum("ni,ij,nj->n", off, np.linalg.inv(covariance), off)
        + np.linalg.slogdet(2 * np.pi * covariance)[1]
    )
    scores = model.score_samples(test)
    assert model.log_prob_kind == "exact"
    assert scores.mean() == pytest.approx(exact.mean(), rel=0.02)
    assert scores.mean() < exact.mean() + 0.02
    assert np.corrcoef(scores, exact)[0, 1] > 0.95


@pytest.mark.parametrize("kind", by_family(["flow", "edm", "ddpm"]))
def test_the_density_of_a_mixture_is_the_mixtures(mixture, corners):
    model, truth = mixture
    rows = corners[0][:500]
    exact = (
        truth.log_prob(inside(model, rows), level_of(model, 0.002)).numpy()
        - 2 * np.log(float(model.normalizer.scale))
        + model.spec_.log_volume(rows)
    )
    assert model.score_samples(rows).mean() == pytest.approx(exact.mean(), abs=0.12)


def test_codes_of_the_data_are_standard_normal(gaussian, table):
    model, _ = gaussian
    codes = model.encode(table)
    assert codes.shape == table.shape
    np.testing.assert_allclose(codes.mean(0), 0, atol=0.08)
    np.testing.assert_allclose(np.cov(codes, rowvar=False), np.eye(3), atol=0.2)


def test_the_code_is_the_exact_map(gaussian, table):
    """x - mean along each axis of the covariance, divided by its standard deviation."""
    model, truth = gaussian
    x = inside(model, table[:500])
    first, last = level_of(model, 0.002), level_of(model, 150.0)
    exact = truth.flow(first.alpha * x, first, last) / (last.alpha**2 + last.sigma**2) ** 0.5
    assert (torch.from_numpy(model.encode(table[:500])) - exact).square().mean().sqrt() < 0.12


def test_decoding_a_code_gives_back_the_row(gaussian, table):
    model, _ = gaussian
    error = np.abs(model.reconstruct(table[:500]) - table[:500]) / table.std(0)
    assert error.max() < 0.02
    assert np.sqrt(np.square(error).mean()) < 0.004


@pytest.mark.parametrize("kind", by_family(["flow", "edm", "ddpm"]))
def test_decoding_a_code_gives_back_the_image(kind, images_model):
    images = blobs(300)[:50]
    error = np.abs(images_model(kind).reconstruct(images).astype(int) - images)
    assert np.quantile(error, 0.99) <= 2
    assert error.mean() < 0.5


def test_more_steps_give_back_more(gaussian, table):
    model, _ = gaussian
    errors = []
    for steps in (6, 12, 24):
        model.set_params(ode_steps=steps)
        errors.append(np.abs(model.reconstruct(table[:200]) - table[:200]).mean())
    assert errors[0] > 2 * errors[1] > 4 * errors[2]


def test_interpolation_stays_among_the_data_and_survives_equal_ends(gaussian, table):
    model, truth = gaussian
    line = model.interpolate(table[:1], table[1:2], 9)
    np.testing.assert_allclose(line[[0, -1]], table[:2], atol=0.02 * table.std())
    typical = Gaussian(truth.mean, truth.covariance)
    assert typical.marginal(level_of(model, 0.002)).log_prob(inside(model, line)).min() > -10
    same = model.interpolate(table[:1], table[:1], 4)
    np.testing.assert_allclose(same, np.repeat(table[:1], 4, 0), atol=0.01 * table.std())


def test_lengths_between_opposite_codes_stay_between_theirs(gaussian):
    model, _ = gaussian
    codes = np.array([[1.0, 0.5, 0.2], [-2.0, -1.0, -0.4]], np.float32)
    rows = model.decode(codes)
    between = model.encode(model.interpolate(rows[:1], rows[1:], 7))
    assert np.linalg.norm(between, axis=1).max() < 1.05 * np.linalg.norm(codes[1])


@pytest.mark.parametrize("kind", by_family(["flow", "edm", "ddpm"]))
def test_interpolated_images_lie_between(kind, images_model):
    images = blobs(300)
    line = images_model(kind).interpolate(images[:1], images[1:2], 5)
    assert line.dtype == np.uint8
    assert np.abs(line[[0, -1]].astype(int) - images[:2]).mean() < 1


@pytest.mark.parametrize("kind", by_family(["flow", "edm", "ddpm"]))
def test_the_bound_of_discrete_images_stays_below_the_truth_and_near_it(kind):
    model = small(kind, evaluation_samples=2, **QUICK).fit(levelled(4000))
    test = levelled(600, seed=1)
    scores, truth = -model.score_samples(test), nats(test)
    assert model.log_prob_kind == "bound"
    error = (scores - truth).std() / np.sqrt(len(test))
    assert scores.mean() > truth.mean() - 3 * error
    assert scores.mean() < truth.mean() * 1.2


def test_a_width_is_not_fitted_to_the_noise_that_is_scored_with(kind):
    """Untrained, the bound must hold too; the width of each pixel would know the noise on it."""
    images = np.random.default_rng(0).integers(0, 256, (400, 4, 4)).astype(np.uint8)
    model = small(kind, steps=2, evaluation_samples=2, network="mlp").fit(images)
    widths = model.residuals.width.flatten()
    assert widths.max() < 1.5 * widths.min()
    assert -model.score(images[:100]) > 16 * np.log(256)


def test_the_ode_of_ddpm_ends_no_lower_than_it_is_trained():
    model = small("ddpm", steps=1).fit(gaussian_table(50, 3))
    with seeded(0):
        trained = model.schedule.level(float(model.training_times(2000).min())).ratio
    assert 0 < trained == pytest.approx(model.min_noise_ratio_)


def test_more_numbers_than_can_be_followed_exactly_are_estimated(kind):
    data = np.random.default_rng(0).normal(size=(300, 70))
    model = small(kind, steps=20, ode_steps=6).fit(data)
    assert model.log_prob_kind == "estimate"
    assert np.isfinite(model.score_samples(data[:5])).all()
    np.testing.assert_allclose(
        model.score_samples(data[:2]), model.score_samples(data[:5])[:2], rtol=1e-4
    )


def test_more_draws_do_not_turn_the_noise_of_probes_into_log_probability():
    """Beyond the dimensions that are followed exactly, a mean of exponentials would rise with the
    draws beyond the bound: by 14 nats here."""
    images = blobs(300, height=8, width=8)
    model = small("flow", steps=60, lr=4e-3, ema=0.97, ode_steps=16, batch_size=64).fit(images)
    once = model.score(images[:32])
    assert model.set_params(evaluation_samples=8).score(images[:32]) == pytest.approx(once, abs=7)
