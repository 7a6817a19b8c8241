"""Denoising gives back examples like those it was given."""

import pytest
from helpers import DATA, able

from genlearn.core.capabilities import Denoises, Restores


@pytest.mark.parametrize("kind", list(DATA))
@pytest.mark.parametrize("name", able((Denoises, Restores)))
def test_denoising_keeps_shape_and_dtype(model, kind):
    data = DATA[kind]()[:5]
    assert (model.denoise(data).shape, model.denoise(data).dtype) == (data.shape, data.dtype)
