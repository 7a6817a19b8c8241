"""Pictures of examples, and examples back from pictures."""

import numpy as np
import pytest
from helpers import blobs, grid_cells

import genlearn as gl
from genlearn.core.image_grid import Labels, image_grid


@pytest.mark.parametrize("channels", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [(12, 9), (80, 60)])
def test_cells_are_what_the_grid_shows(channels, size):
    values = blobs(12, *size, channels=channels)
    spec = gl.open_data(values).spec
    back = grid_cells(image_grid(values, spec, 4), spec, 2, 4)
    assert back.shape == (8, *values.shape[1:])
    np.testing.assert_allclose(back, values[:8], atol=1)


@pytest.mark.parametrize("channels", [0, 3, 4])
def test_names_stand_beside_the_grid_and_change_nothing_in_it(channels):
    values = blobs(8, channels=channels)
    spec = gl.open_data(values).spec
    plain = image_grid(values, spec, 4)
    named = image_grid(values, spec, 4, labels=Labels(("one", "two"), ("a", "b", "c", "d")))
    left, above = named.width - plain.width, named.height - plain.height
    assert left > 0 < above
    inside = named.crop((left, above, named.width, named.height))
    assert inside.tobytes() == plain.tobytes()
    np.testing.assert_array_equal(grid_cells(named, spec, 2, 4), grid_cells(plain, spec, 2, 4))
    assert np.asarray(named)[:above, left:].min() < 100 > np.asarray(named)[above:, :left].min()


def test_long_names_take_lines_and_are_cut_short_and_none_is_better_than_a_letter():
    values = blobs(2, 60, 20)
    spec = gl.open_data(values).spec
    plain = image_grid(values, spec, 1)
    named = image_grid(values, spec, 1, labels=Labels(("a word " * 90, "\x1b[31m\nx")))
    assert named.width < plain.width + 200
    assert named.height == plain.height
    crowded = image_grid(values, spec, 2, labels=Labels(columns=("reconstructed", "data of mine")))
    assert crowded.size == image_grid(values, spec, 2).size
