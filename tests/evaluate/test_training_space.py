"""Amplitudes know an image wherever in the picture it is."""

import numpy as np
import pytest

from genlearn.evaluate.training_space import TrainingSpace, fourier_amplitudes


@pytest.mark.parametrize("shape", [(9, 12), (8, 8, 3)])
def test_amplitudes_are_those_of_every_shift_and_reflection(shape):
    images = np.random.default_rng(0).normal(size=(5, *shape))
    there = fourier_amplitudes(images)
    for moved in (np.roll(images, (2, 5), axis=(1, 2)), images[:, :, ::-1], images[:, ::-1]):
        np.testing.assert_allclose(fourier_amplitudes(moved), there, rtol=1e-4, atol=1e-4)
    assert np.abs(fourier_amplitudes(images[::-1]) - there)[0].max() > 0.1


def test_distances_are_those_of_the_rows_where_all_components_are_kept():
    rows = np.random.default_rng(0).normal(size=(60, 7))
    space = TrainingSpace.fit(lambda values: values, rows[:40], rows[:50], 0)
    assert space.train.shape == (50, 7)
    found = space.project(rows[50:])
    for there, here in ((found, rows[50:]), (space.train, rows[:50])):
        wanted = np.linalg.norm(here[:, None] - here[None], axis=2)
        np.testing.assert_allclose(np.linalg.norm(there[:, None] - there[None], axis=2), wanted)
