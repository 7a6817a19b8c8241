"""The learned denoiser is the expected x, and what follows from it: the score, the loss that is
left, samples."""

import numpy as np
import pytest
import torch
from closed_forms import Gaussian
from denoising import expected, inside, level_of, noised
from helpers import blobs, by_family, gaussian_table, small
from scipy.optimize import linear_sum_assignment

import genlearn as gl


def distance(a, b):
    """Root mean square."""
    return (a - b).square().mean().sqrt()


@pytest.mark.parametrize("ratio", [0.1, 0.3, 1.0, 3.0])
def test_the_denoiser_of_gaussian_data_is_linear_regression(gaussian, table, ratio):
    """mean + alpha S (alpha^2 S + sigma^2 I)^-1 (x_t - alpha mean), by far better than x_t itself,
    the mean, or white data's denoiser."""
    model, truth = gaussian
    level = level_of(model, ratio)
    noisy = noised(inside(model, table), level)
    best = truth.posterior_mean(noisy, level)
    white = level.alpha * model.sigma_data_**2 / model.denoiser.std(level) ** 2 * noisy
    rivals = [
        distance(other, best) for other in (noisy / level.alpha, truth.mean.expand_as(best), white)
    ]
    assert distance(expected(model, noisy, level), best) < min(0.06, min(rivals) / 2)


@pytest.mark.parametrize("kind", by_family(["flow", "edm", "ddpm"]))
@pytest.mark.parametrize("ratio", [0.1, 0.3, 1.0, 3.0])
def test_the_denoiser_of_a_mixture_weighs_its_components(mixture, corners, ratio):
    model, truth = mixture
    level = level_of(model, ratio)
    x = inside(model, corners[0])
    noisy = noised(x, level)
    best = truth.posterior_mean(noisy, level)
    rivals = [distance(other, best) for other in (noisy / level.alpha, x.mean(0).expand_as(best))]
    assert distance(expected(model, noisy, level), best) < min(0.1, min(rivals) / 2)


@pytest.mark.parametrize("ratio", [0.3, 1.0])
def test_the_score_is_the_gradient_of_the_log_density(gaussian, table, ratio):
    """Tweedie: (alpha D - x_t) / sigma^2 = -(alpha^2 S + sigma^2 I)^-1 (x_t - alpha mean)."""
    model, truth = gaussian
    level = level_of(model, ratio)
    noisy = noised(inside(model, table), level)
    score = (level.alpha * expected(model, noisy, level) - noisy) / level.sigma**2
    at = truth.marginal(level)
    exact = -(noisy - at.loc) @ torch.linalg.inv(at.covariance_matrix)
    assert ((score - exact).square().mean() / exact.square().mean()).sqrt() < 0.1


def test_the_error_that_is_left_is_the_least_there_is(gaussian, table):
    """E |x - D|^2 = sum_i lambda_i r^2 / (lambda_i + r^2)."""
    model, truth = gaussian
    x = inside(model, table)
    for ratio in (0.3, 1.0, 3.0):
        level, variances = level_of(model, ratio), torch.linalg.eigvalsh(truth.covariance)
        error = (expected(model, noised(x, level), level) - x).square().sum(1).mean()
        assert error == pytest.approx(
            (variances * ratio**2 / (variances + ratio**2)).sum().item(), rel=0.06
        )


def test_samples_have_the_mean_and_covariance_of_the_data(gaussian, table):
    model, truth = gaussian
    x = inside(model, model.sample(4000, seed=1))
    torch.testing.assert_close(
        x.mean(0) / model.sigma_data_, truth.mean / model.sigma_data_, atol=0.1, rtol=0
    )
    torch.testing.assert_close(
        torch.cov(x.T) / model.sigma_data_**2,
        truth.covariance / model.sigma_data_**2,
        atol=0.2,
        rtol=0,
    )


@pytest.mark.parametrize("kind", by_family(["flow", "edm", "ddpm"]))
def test_samples_visit_components_as_often_as_the_data(mixture):
    model, truth = mixture
    nearest = torch.cdist(inside(model, model.sample(2000, seed=1)), truth.means).argmin(1)
    torch.testing.assert_close(
        torch.bincount(nearest, minlength=3) / 2000, truth.weights.float(), atol=0.06, rtol=0
    )


@pytest.mark.parametrize("kind", by_family(["flow", "edm", "ddpm"]))
@pytest.mark.parametrize(
    ("sampler", "steps"),
    [("ancestral", 100), ("ddim", 50), ("euler", 50), ("heun", 20), ("dpm++2m", 25)],
)
def test_every_sampler_draws_from_the_same_distribution(gaussian, sampler, steps):
    model, truth = gaussian
    x = inside(model, model.sample(2000, seed=2, sampler=sampler, steps=steps))
    assert (torch.cov(x.T) - truth.covariance).abs().max() / model.sigma_data_**2 < 0.2


def test_more_steps_come_closer_and_quality_takes_as_many_as_it_needs(gaussian):
    model, _ = gaussian
    curve = model.convergence_curve()
    assert list(curve) == sorted(curve)
    errors = list(curve.values())
    assert errors[-1] < errors[0]
    assert errors[-1] < 0.06
    enough = next(steps for steps, error in curve.items() if error <= 0.1)
    sampler = "heun" if model.sampler == "ancestral" else model.sampler
    np.testing.assert_array_equal(
        model.sample(5, seed=0, quality="fast"),
        model.sample(5, seed=0, steps=enough, sampler=sampler),
    )


def test_bad_requests_for_samples_are_told(gaussian):
    model, _ = gaussian
    for bad, message in [
        ({"steps": 0}, "at least 1"),
        ({"steps": 3, "quality": "fast"}, "one of them"),
        ({"sampler": "heum"}, "heun"),
        ({"quality": "bst"}, "best"),
        ({"label": 1}, "no classes"),
        ({"guidance": 2.0}, "neither classes nor captions"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.sample(2, **bad)


def test_edm_starts_at_the_answer_for_white_data():
    """Output 0 then is the denoiser of N(0, I) (Karras et al. 2022, appendix B.6)."""
    data = np.random.default_rng(0).normal(size=(2000, 4))
    model = small("edm", steps=1, lr=1e-9, anchor="none").fit(data)
    level = level_of(model, 0.7)
    noisy = noised(inside(model, data), level)
    truth = Gaussian(
        torch.zeros(4, dtype=torch.float64),
        model.normalizer.sigma_data**2 * torch.eye(4, dtype=torch.float64),
    )
    torch.testing.assert_close(
        expected(model, noisy, level), truth.posterior_mean(noisy, level), atol=1e-4, rtol=1e-4
    )


@pytest.mark.parametrize(
    "data",
    [gaussian_table(300, 4), blobs(200), blobs(200, channels=3)],
    ids=["table", "grey", "colour"],
)
def test_the_scale_is_taken_from_the_data(kind, data):
    model = small(kind, steps=1).fit(data)
    x = inside(model, data).movedim(1, 0).flatten(1)
    torch.testing.assert_close(x.mean(1), torch.zeros(len(x), dtype=x.dtype), atol=1e-3, rtol=0)
    assert x.square().mean() == pytest.approx(model.normalizer.sigma_data**2, rel=1e-3)
    torch.testing.assert_close(
        model.normalizer.inverse(model.normalizer(torch.ones(2, *model.spec_.shape))),
        torch.ones(2, *model.spec_.shape),
    )


def test_paired_noise_is_the_same_noise_and_lies_nearer(seeded):
    model = small("flow", steps=1, coupling=True).fit(gaussian_table(50, 3))
    with torch.no_grad():
        x = model.normalizer.inverse(torch.randn(64, 3) + torch.tensor([2.0, 0, 0]))
    state = torch.get_rng_state()
    paired = model.paired_noise(x)
    torch.set_rng_state(state)
    free, x = torch.randn_like(x), model.normalizer(x)
    assert torch.equal(torch.sort(paired[:, 0]).values, torch.sort(free[:, 0]).values)
    cost = (x[:, None] - free[None]).square().sum(-1)
    rows, columns = linear_sum_assignment(cost.numpy())
    assert (x - paired).square().sum() == pytest.approx(cost[rows, columns].sum().item(), rel=1e-4)
    assert (x - paired).square().sum() < (x - free).square().sum()


def test_pairing_straightens_the_way(corners):
    """One Euler step comes closer to the end of many."""
    rows, _ = corners
    free, paired = (
        small(
            "flow", steps=150, batch_size=64, lr=1e-2, ema=0.99, optimizer="adamw", coupling=c
        ).fit(rows)
        for c in (False, True)
    )
    gaps = [
        np.abs(
            m.sample(500, seed=0, steps=2, sampler="euler") - m.sample(500, seed=0, steps=64)
        ).mean()
        for m in (free, paired)
    ]
    assert gaps[1] < 0.7 * gaps[0]


def test_pairing_and_classes_exclude_one_another():
    with pytest.raises(ValueError, match="coupling"):
        small("flow", coupling=True, condition="label").fit(gaussian_table(20), np.arange(20) % 2)


def test_the_cosine_schedule_learns_too(table):
    model = small(
        "ddpm",
        betas="cosine",
        steps=150,
        batch_size=256,
        lr=1e-2,
        ema=0.99,
        optimizer="adamw",
        ode_steps=24,
    ).fit(table)
    codes = model.encode(table)
    np.testing.assert_allclose(np.cov(codes, rowvar=False), np.eye(3), atol=0.25)
    for sampler in ("ddim", "ancestral", "heun"):  # also from where no signal is left
        samples = model.sample(1000, seed=0, sampler=sampler, steps=50)
        np.testing.assert_allclose(samples.std(0), table.std(0), rtol=0.15)


@pytest.mark.parametrize("betas", ["linear", "cosine"])
def test_the_loss_of_ddpm_is_the_squared_error_of_the_noise(table, betas, monkeypatch, seeded):
    """Ho et al. 2020, equation 14, whatever the network is asked for."""
    model = small("ddpm", steps=1, betas=betas).fit(table)
    x = torch.from_numpy(table[:64]).float()
    eps = torch.randn(64, 3, generator=torch.Generator().manual_seed(0))
    t = torch.linspace(0.01, 0.99, 64)
    monkeypatch.setattr(torch, "randn_like", lambda _: eps)
    monkeypatch.setattr(model, "training_times", lambda _: t)
    errors = []
    for one, noise, time in zip(model.normalizer(x), eps, t.tolist(), strict=True):
        level = model.schedule.level(time)
        x_t = level.alpha * one + level.sigma * noise
        errors.append(
            ((x_t - level.alpha * expected(model, x_t[None], level)[0]) / level.sigma - noise)
            .square()
            .mean()
        )
    torch.testing.assert_close(model.loss(x), torch.stack(errors).mean().float(), rtol=1e-4, atol=0)


def test_networks_that_do_not_suit_are_told():
    for hyper, message in [
        ({"network": "unet"}, "mlp"),
        ({"network": "transformer"}, "mlp"),
        ({"condition": "label"}, "no classes"),
        ({"guidance": 2.0}, "neither classes nor captions are learned"),
        ({"training_guidance": 2.0}, "neither classes nor captions are learned"),
    ]:
        with pytest.raises(ValueError, match=message):
            small("flow", **hyper).fit(gaussian_table(20))
    with pytest.raises(ValueError, match="multiple of 32"):
        small("flow", network="transformer", width=40).fit(blobs(20))


def test_scale_and_weights_do_not_depend_on_the_state_of_torch():
    """Also where the data is drawn anew for each batch."""
    data = gl.open_data(blobs(60), binarise="stochastic")
    first = small("flow", steps=2).fit(data).networks_.state_dict()
    with torch.random.fork_rng():
        torch.manual_seed(99)
        again = small("flow", steps=2).fit(data).networks_.state_dict()
    assert all(torch.equal(first[key], again[key]) for key in first)


def test_the_two_processes_are_shown_from_end_to_end(gaussian, table):
    model, _ = gaussian
    forward = model.diffuse(table[:5], 6, seed=0)
    states, guesses = model.sample_trajectory(5, 6, seed=0)
    assert forward.shape == states.shape == guesses.shape == (5, 6, 3)
    np.testing.assert_allclose(forward[:, 0], table[:5], rtol=0.02, atol=0.02 * table.std())
    np.testing.assert_allclose(
        states[:, -1], model.sample(5, seed=0), rtol=1e-4, atol=1e-4 * table.std()
    )
    np.testing.assert_array_equal(model.diffuse(table[:2], 6, seed=0), forward[:2])
