"""Sliced Wasserstein distances of shifts and scales, and transport between sets of unequal size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlearn.evaluate.metrics.sliced_wasserstein import mind, sliced_wasserstein, transport


def test_a_shift_costs_three_times_its_square():
    rng, d = np.random.default_rng(0), 16
    real, m = rng.normal(size=(300, d)), rng.normal(size=d)
    assert mind(real, real + m, projections=20_000) == pytest.approx(3 * m @ m, rel=0.03)
    assert sliced_wasserstein(real, real + m, projections=20_000) ** 2 == pytest.approx(
        m @ m / d, rel=0.03
    )


def test_a_scale():
    real = np.random.default_rng(0).normal(size=(20_000, 4))
    assert sliced_wasserstein(2 * real, 5 * real, projections=64) == pytest.approx(3, rel=0.02)


def test_in_one_dimension_the_sorted_values_are_matched():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(50, 1)), rng.normal(size=(50, 1))
    assert mind(real, fake) == pytest.approx(
        3 * np.square(np.sort(real[:, 0]) - np.sort(fake[:, 0])).mean()
    )


@given(n=st.integers(1, 12), m=st.integers(1, 12), seed=st.integers(0, 50))
def test_unequal_sizes_are_as_if_every_example_were_repeated(n, m, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(3, n)), rng.normal(size=(3, m))
    np.testing.assert_allclose(
        transport(x, y), transport(np.repeat(x, m, 1), np.repeat(y, n, 1)), rtol=1e-9, atol=1e-12
    )


def test_the_directions_belong_to_the_seed():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(90, 8)), rng.normal(size=(70, 8)) + 0.5
    assert mind(real, fake, seed=1) == mind(real, fake, seed=1)
    assert mind(real, fake, seed=1) != mind(real, fake, seed=2)
    assert mind(real, real[::-1]) == pytest.approx(0, abs=1e-20)
