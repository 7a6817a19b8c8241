"""The figures of the lecture against what is known exactly."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from genlearn.core.registry import find
from genlearn.data import open_data
from genlearn.lecture.chapters import convolution, denoising, game, principal
from genlearn.lecture.material import toy


def rows(data):
    return data.spec.to_internal(data.user(slice(0, len(data)))).flatten(1).double().numpy()


def test_the_linear_autoencoder_comes_down_to_pca():
    """Chapter 3: its loss is the sum of the eigenvalues left out, its subspace that of the first
    (Baldi & Hornik 1989), and its axes are neither at right angles nor told apart by it."""
    data = open_data("digits")
    x, k = rows(data), 4
    found = PCA(k, svd_solver="full").fit(x)
    model = find("autoencoder")(
        network="linear", latent_dim=k, latent_density="none", lr=0.05, steps=1500, seed=0
    ).fit(data)
    columns = principal.decoder_columns(model)
    projected = columns @ np.linalg.pinv(columns)
    left = ((x - found.mean_) @ (np.eye(x.shape[1]) - projected)) ** 2
    assert left.mean() == pytest.approx(principal.left_out(found, k), rel=0.01)
    assert principal.principal_cosines(columns, found.components_.T).min() > 0.99
    own = columns / np.linalg.norm(columns, axis=0)
    assert np.abs(own.T @ own - np.eye(k)).max() > 0.02


@pytest.mark.parametrize("solver", ["full", "randomized"])
@pytest.mark.parametrize("rows", [20, 200])
def test_what_principal_axes_leave_out_is_the_sum_of_the_other_eigenvalues(rows, solver):
    x = np.random.default_rng(0).standard_normal((rows, 50)) @ np.diag(np.linspace(3, 1, 50) ** 4)
    values = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    found = PCA(8, svd_solver=solver, random_state=0).fit(x)
    for axes in (1, 3, 8):
        assert principal.left_out(found, axes) == pytest.approx(values[axes:].sum() / 50, rel=1e-3)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [3, 4])
def test_convolution_and_its_transpose_are_those_of_networks(stride, side):
    rng = np.random.default_rng(side)
    x, kernel = rng.standard_normal((8, 10)), rng.standard_normal((side, side))
    there = torch.nn.functional.conv2d(*map(batch, (x, kernel)), stride=stride)[0, 0].numpy()
    assert convolution.convolve(x, kernel, stride) == pytest.approx(there)
    y = rng.standard_normal(there.shape)
    back = torch.nn.functional.conv_transpose2d(*map(batch, (y, kernel)), stride=stride)
    assert convolution.transposed(y, kernel, stride) == pytest.approx(back[0, 0].numpy())


def test_the_transpose_is_the_transpose():
    rng = np.random.default_rng(0)
    x, kernel = rng.standard_normal((7, 7)), rng.standard_normal((3, 3))
    y = rng.standard_normal((5, 5))
    left = (convolution.convolve(x, kernel) * y).sum()
    assert left == pytest.approx((x * convolution.transposed(y, kernel)).sum())


def batch(x):
    return torch.from_numpy(x)[None, None]


def test_the_score_of_the_ring_is_the_slope_of_its_log_density():
    x, sigma, h = toy.draw(50, 0) + 0.3, 0.4, 1e-5
    variance = toy.SPREAD**2 + sigma**2

    def log_density(points):
        squares = ((points[:, None] - toy.centres()) ** 2).sum(2)
        return np.log(np.exp(-squares / (2 * variance)).mean(1))

    slope = [
        (log_density(x + h * axis) - log_density(x - h * axis)) / (2 * h) for axis in np.eye(2)
    ]
    assert toy.score(x, sigma) == pytest.approx(np.stack(slope, 1), rel=1e-4, abs=1e-4)


def test_a_denoiser_learns_tweedies_step():
    """Chapter 6: r(x~) - x~ = s^2 grad log p_s(x~) at noisy data."""
    scale = float(toy.draw(20_000, 0).std())
    model = find("autoencoder")(
        corruption="gaussian",
        corruption_level=denoising.SIGMA / scale,
        latent_dim=2,
        overcomplete=True,
        network="mlp",
        hidden=(64, 64),
        latent_density="none",
        anchor="none",
        steps=600,
        seed=0,
    ).fit(toy.draw(4000, 0))
    _, agreement = denoising.tweedie(model, seed=3)
    assert agreement > 0.9


def test_the_value_of_the_game():
    """Chapter 9: V(D*, G) for N(0, 1) and N(m, 1)."""
    assert game.value(0.0) == pytest.approx(-np.log(4))
    assert game.value(1.0) == pytest.approx(-1.16345, abs=2e-5)
    assert game.value(12.0) == pytest.approx(0, abs=1e-6)


def test_modes_of_the_ring_are_counted():
    assert toy.modes_reached(toy.draw(500, 0)) == toy.MODES
    assert toy.modes_reached(toy.centres()[:3] + 0.1) == 3
    assert toy.modes_reached(np.zeros((10, 2))) == 0
