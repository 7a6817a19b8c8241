"""Both ways between data and noise can be watched: they start and end where they should."""

import numpy as np
import pytest
from helpers import DATA, able

from genlearn.core.capabilities import DiffusionProcess

pytestmark = [
    pytest.mark.parametrize("kind", list(DATA)),
    pytest.mark.parametrize("name", able(DiffusionProcess)),
]


def near(kind, data):
    """What rounding may change."""
    return 1.0 if data.dtype == np.uint8 else 0.02 * data.std(0).max()


def test_data_becomes_noise_gradually(model, kind):
    data = DATA[kind]()  # many: what a barely trained decoder makes of noise differs in few levels
    strip = model.diffuse(data, 5, seed=1)
    assert strip.shape == (len(data), 5, *data.shape[1:])
    assert strip.dtype == data.dtype
    # what a smaller code holds of it
    held = data if model.latent_dim_ == model.spec_.dim else model.reconstruct(data)
    np.testing.assert_allclose(strip[:, 0].astype(float), held.astype(float), atol=near(kind, data))
    away = np.abs(strip.astype(float) - held[:, None]).reshape(len(data), 5, -1).mean((0, 2))
    assert (np.diff(away) > 0).all()


def test_the_forward_process_is_named_by_its_seed(model, kind):
    data = DATA[kind]()[:3]
    np.testing.assert_array_equal(model.diffuse(data, 4, seed=1), model.diffuse(data, 4, seed=1))
    assert (model.diffuse(data, 4, seed=1) != model.diffuse(data, 4, seed=2)).any()


def test_noise_becomes_the_sample_of_its_seed(model, kind):
    states, expected = model.sample_trajectory(3, 5, seed=7)
    sample = model.sample(3, seed=7)
    assert states.shape == expected.shape == (3, 5, *sample.shape[1:])
    np.testing.assert_allclose(
        states[:, -1].astype(float),
        sample.astype(float),
        rtol=1e-4,
        atol=1.0 if sample.dtype == np.uint8 else 1e-4,
    )
    assert (states[:, 0] != states[:, -1]).any()
    np.testing.assert_array_equal(states, model.sample_trajectory(3, 5, seed=7)[0])
