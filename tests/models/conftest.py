"""Diffusion models of data whose denoiser is known, each trained once."""

import numpy as np
import pytest
import torch
from closed_forms import Gaussian, Mixture
from denoising import inside
from helpers import gaussian_table, small

from genlearn.core import seeding

DIFFUSION = ["flow", "edm", "ddpm"]
TRAINED = {
    "steps": 300,
    "batch_size": 256,
    "lr": 1e-2,
    "ema": 0.99,
    "ode_steps": 24,
    "sampling_steps": 18,
    "optimizer": "adamw",
}


@pytest.fixture(params=DIFFUSION)
def kind(request):
    """The name of a diffusion model."""
    return request.param


@pytest.fixture(scope="session")
def trained_on():
    """Models by name and data, each trained once."""
    cache = {}

    def get(name, key, data, y=None, **hyper):
        if (name, key) not in cache:
            # its sampler is of the first order, and it learns the noise slowly
            more = {"sampling_steps": 100, "steps": 600} if name == "ddpm" else {}
            cache[name, key] = small(name, **TRAINED | more | hyper).fit(data, y)
        return cache[name, key]

    return get


@pytest.fixture(scope="session")
def table():
    """Three correlated columns of unequal scales."""
    return gaussian_table(4000, 3, seed=2)


@pytest.fixture
def gaussian(kind, trained_on, table):
    """A model of the table, and the Gaussian that the table is, in the networks' units."""
    model = trained_on(kind, "gaussian", table)
    x = inside(model, table)
    return model, Gaussian(x.mean(0), torch.cov(x.T))


@pytest.fixture(scope="session")
def corners():
    """Rows around the corners of a triangle, one of them twice as often, and the number of the
    corner of each."""
    rng = np.random.default_rng(0)
    which = rng.choice(3, size=4000, p=[0.25, 0.25, 0.5])
    centres = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    return centres[which] + 0.5 * rng.normal(size=(4000, 2)), which


@pytest.fixture
def mixture(kind, trained_on, corners):
    """A model of the corners, and the mixture that they are, in the networks' units."""
    rows, which = corners
    model = trained_on(kind, "mixture", rows)
    x = inside(model, rows)
    means = torch.stack([x[which == k].mean(0) for k in range(3)])
    weights = torch.bincount(torch.from_numpy(which)) / len(rows)
    std = (x - means[which]).std().item()
    return model, Mixture(means, weights.double(), std)


@pytest.fixture
def seeded():
    """Inside the test, torch's generator may be drawn from."""
    with seeding.seeded(0):
        yield
