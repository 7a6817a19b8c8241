"""Pictures of examples, and examples back from pictures."""

import numpy as np
import pytest
from helpers import blobs, grid_cells

import genlearn as gl
from genlearn.core.image_grid import image_grid


@pytest.mark.parametrize("channels", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [(12, 9), (80, 60)])
def test_cells_are_what_the_grid_shows(channels, size):
    values = blobs(12, *size, channels=channels)
    spec = gl.open_data(values).spec
    back = grid_cells(image_grid(values, spec, 4), spec, 2, 4)
    assert back.shape == (8, *values.shape[1:])
    np.testing.assert_allclose(back, values[:8], atol=1)
