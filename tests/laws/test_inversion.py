"""Codes found by optimisation are repeatable, and bring examples back as well as the generator can
make them."""

import numpy as np
import pytest
from helpers import DATA, able, by_family

from genlearn.core.capabilities import InvertsByOptimization

pytestmark = [
    pytest.mark.parametrize("kind", list(DATA)),
    pytest.mark.parametrize("name", by_family(able(InvertsByOptimization), also=["stylegan"])),
]


@pytest.fixture(scope="module")
def codes_of(fitted):
    """Codes of six examples, by name and data, each searched for once."""
    cache = {}

    def get(name, kind):
        if (name, kind) not in cache:
            cache[name, kind] = fitted(name, kind).encode(DATA[kind]()[:6])
        return cache[name, kind]

    return get


def error(a, b):
    """Root mean square of the difference of each example."""
    return np.sqrt(np.square(a.astype(float) - b).reshape(len(a), -1).mean(1))


def test_codes_are_repeatable_and_decoding_them_reconstructs(model, name, kind, codes_of):
    data, codes = DATA[kind]()[:6], codes_of(name, kind)
    assert codes.shape == (6, model.latent_dim_)
    assert codes.dtype == np.float32
    np.testing.assert_array_equal(codes, model.encode(data))
    reconstructed = model.reconstruct(data)
    np.testing.assert_array_equal(reconstructed, model.decode(codes))
    assert (reconstructed.shape, reconstructed.dtype) == (data.shape, data.dtype)


def test_what_the_generator_makes_is_found_again(model, kind):
    made = model.sample(8, seed=3)
    others = error(made, np.roll(made, 1, axis=0))
    assert np.median(error(made, model.reconstruct(made)) / others.clip(1e-6)) < 0.5


def test_company_matters_little(model, name, kind, codes_of):
    data = DATA[kind]()[:6]
    together, alone = model.decode(codes_of(name, kind)), model.reconstruct(data[2:3])
    assert error(data[2:3], alone) <= 1.2 * error(data[2:3], together[2:3]) + 1
