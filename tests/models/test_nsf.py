"""Neural spline flows begin as the Gaussian of the data and learn the rest: their log p(x) is that
of densities that are known."""

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small

import genlearn as gl
from genlearn.engine.runs.run_options import RunOptions

KINDS = ["coupling", "autoregressive"]
TRAINED = {"size": "tiny", "batch_size": 256, "lr": 5e-3, "ema": 0.99}


def crescent(n, seed=0):
    """A bent cloud, x ~ N(0, 1), y = x^2 + N(0, 1/4), in the plane; and its log-density."""
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, n))
    log_p = -0.5 * (x**2 + noise**2) - np.log(2 * np.pi) - np.log(0.5)
    return np.c_[x, x**2 + 0.5 * noise], log_p


def clouds(n, seed=0):
    """Three round clouds in three dimensions, far from one another; and their log-density."""
    rng = np.random.default_rng(seed)
    centres = np.array([[0.0, 0, 0], [5, 0, 3], [0, 5, -3]])
    rows = centres[rng.choice(3, n)] + rng.normal(size=(n, 3))
    squares = ((rows[:, None] - centres) ** 2).sum(2)
    return rows, np.log(np.exp(-0.5 * squares).mean(1)) - 1.5 * np.log(2 * np.pi)


@pytest.fixture(scope="module", params=KINDS)
def bent(request):
    """A model of the crescent."""
    return gl.create("nsf", kind=request.param, steps=300, **TRAINED).fit(crescent(20_000)[0])


def test_a_bent_cloud_is_learned_to_a_twentieth_of_a_nat(bent):
    rows, log_p = crescent(8000, seed=1)
    assert bent.log_prob_kind == "exact"
    assert log_p.mean() - 0.05 < bent.score(rows) < log_p.mean()
    assert gl.PPCA(latent_dim=2).fit(rows).score(rows) < log_p.mean() - 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_mixture_is_learned_to_its_entropy(kind):
    model = gl.create("nsf", kind=kind, steps=400, **TRAINED).fit(clouds(8000)[0])
    rows, log_p = clouds(8000, seed=1)
    assert model.score(rows) == pytest.approx(log_p.mean(), rel=0.01)


def test_codes_are_its_noise_and_come_back(bent):
    rows = crescent(2000, seed=1)[0]
    codes = bent.encode(rows)
    assert codes.shape == rows.shape
    np.testing.assert_allclose(bent.decode(codes), rows, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(np.cov(codes.T), np.eye(2), atol=0.15)


def test_in_double_precision_codes_come_back_to_the_last_digits(bent):
    x = bent.spec_.to_internal(crescent(500, seed=1)[0]).double()
    start, flow = bent.networks_["start"], bent.networks_["flow"]
    with torch.no_grad():
        back = start.inverse(flow.inverse(flow(start(x)[0])[0]))
    torch.testing.assert_close(back, x, atol=1e-6, rtol=0)


def test_samples_are_of_its_density(bent):
    drawn = bent.sample(4000, seed=0)
    assert bent.score(drawn) == pytest.approx(bent.score(crescent(4000, seed=1)[0]), abs=0.1)
    np.testing.assert_allclose(drawn.mean(0), [0, 1], atol=0.15)


def test_the_density_integrates_to_one(bent):
    axes = np.linspace(-6, 6, 300), np.linspace(-6, 25, 600)
    points = np.stack(np.meshgrid(*axes), -1).reshape(-1, 2)
    cell = (axes[0][1] - axes[0][0]) * (axes[1][1] - axes[1][0])
    assert np.exp(bent.score_samples(points)).sum() * cell == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_before_the_first_step_it_is_the_gaussian_of_the_data(kind):
    table = gaussian_table(3000)
    model = small("nsf", kind=kind, steps=1, lr=1e-9).fit(table)
    gaussian = gl.PPCA(latent_dim=6).fit(table)
    np.testing.assert_allclose(model.score_samples(table), gaussian.score_samples(table), atol=0.05)


def test_few_rows_are_not_learned_by_heart():
    rows, others = np.split(gaussian_table(600, 6), 2)
    least = gl.PPCA(latent_dim=6).fit(rows).score(others)
    settings = TRAINED | {"batch_size": 64, "steps": 120}
    assert gl.create("nsf", **settings).fit(rows).score(others) > least - 0.5
    assert gl.create("nsf", shrinkage=0.0, **settings).fit(rows).score(others) < least - 1


@pytest.mark.parametrize("kind", KINDS)
def test_one_column_is_a_density_too(kind):
    rows = np.random.default_rng(0).exponential(size=(3000, 1))
    model = gl.create("nsf", kind=kind, steps=200, **TRAINED).fit(rows)
    assert model.score(rows) == pytest.approx(-1, abs=0.1)  # -E log e^-x = 1
    np.testing.assert_allclose(model.decode(model.encode(rows)), rows, atol=1e-4)


def test_rows_far_from_all_others_are_scored_and_come_back():
    table = gaussian_table(300, 3)
    far = table + 1e4 * table.std(0)
    model = small("nsf").fit(table)
    assert np.isfinite(model.score_samples(far)).all()
    assert model.score(far) < model.score(table) - 100
    np.testing.assert_allclose(model.decode(model.encode(far)), far, rtol=1e-4)


def test_columns_that_repeat_or_say_the_same_have_no_infinite_density():
    table = gaussian_table(400, 2)
    rows = np.c_[table, table[:, 0] * 2, np.round(table[:, 1]), np.full(400, 3.0)]
    model = small("nsf", steps=200, lr=5e-3, ema=0.99).fit(rows)
    assert np.isfinite(model.score_samples(rows)).all()
    assert model.score(rows) < 60  # each of three columns gains log 1000 at most, and a little
    drawn = model.sample(200, seed=0)
    np.testing.assert_allclose(drawn[:, 2], 2 * drawn[:, 0], atol=0.5 * table[:, 0].std())


def test_images_are_scored_by_their_probability_and_large_ones_refused():
    model = small("nsf").fit(blobs(40, 6, 5))
    assert model.log_prob_kind == "bound"
    assert -30 * np.log(256) < model.score(blobs(20, 6, 5, seed=1)) < 0
    with pytest.raises(ValueError, match=r"takes at most 1,024; .* have 1,056; take flow") as error:
        small("nsf").fit(blobs(4, 33, 32))
    assert "\n" not in str(error.value)


def test_held_out_rows_end_a_training_that_overfits():
    model = gl.create("nsf", steps=600, **TRAINED)
    model.fit(gaussian_table(60, 3), validation=0.3, options=RunOptions(patience=3))
    assert model.n_steps_ < 600
