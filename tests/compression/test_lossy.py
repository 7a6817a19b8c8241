"""Files of codes: as many bytes as the quality asks for, whatever the range of the images."""

import numpy as np
import pytest

import genlearn as gl
from genlearn.compression import compress_lossy, decompress, unpack
from genlearn.compression.images import Images, plain_kind


@pytest.fixture(scope="module")
def digits():
    """A model of images of 17 levels, and some of them."""
    data = gl.open_data("digits")
    model = gl.PPCA(latent_dim=8).fit(data)
    return model, data.user(slice(0, 60))


@pytest.mark.parametrize("quality", [0, 5, 50, 100])
def test_every_quality_comes_back(digits, quality):
    model, values = digits
    images = Images(values.reshape(60, 8, 8, 1), kinds=plain_kind(model.spec_))
    file = compress_lossy(model, images, quality).content
    back = decompress(model, *unpack(file)).pixels
    assert back.shape == (60, 8, 8, 1)
    assert back.max() <= 16


def test_more_quality_is_more_bytes_and_less_error(digits):
    model, values = digits
    images = Images(values.reshape(60, 8, 8, 1), kinds=plain_kind(model.spec_))
    sizes, errors = [], []
    for quality in (10, 40, 70, 100):
        file = compress_lossy(model, images, quality).content
        back = decompress(model, *unpack(file)).pixels[..., 0]
        sizes.append(len(file))
        errors.append(((back - values.astype(float)) ** 2).mean())
    assert np.all(np.diff(sizes) > 0)
    assert np.all(np.diff(errors) <= 0)
    exact = ((model.reconstruct(values) - values.astype(float)) ** 2).mean()
    assert errors[-1] == pytest.approx(exact, rel=0.05)
