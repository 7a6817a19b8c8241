"""Figures as the page draws them."""

import numpy as np
import pytest

from genlearn.data import open_data
from genlearn.lecture.page.render import body
from genlearn.lecture.sketch import Sketch
from genlearn.lecture.strings import strings


@pytest.mark.parametrize(("low", "high", "kind"), [(0, 1, "float32"), (-1, 1, "float64")])
def test_pictures_are_drawn_by_the_range_of_their_own_data(low, high, kind):
    """The same images, whatever the range they are written in, are the same on the page."""
    rng = np.random.default_rng(0)
    bytes_ = rng.integers(0, 256, (60, 8, 8), dtype=np.uint8)
    shares = (bytes_ / 255 * (high - low) + low).astype(kind)
    shares[0, 0, :2] = low, high
    bytes_[0, 0, :2] = 0, 255
    drawn = [
        str(body(Sketch(open_data(values).spec, strings("en")).examples("purpose_data", values)))
        for values in (bytes_, shares)
    ]
    assert drawn[0] == drawn[1]
