"""The radial power spectrum of images whose spectrum is known."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from genlearn.evaluate.metrics.spectrum import radial_spectrum, spectral_distance


def noise(n, *shape, seed=0):
    return np.random.default_rng(seed).normal(size=(n, *shape))


@pytest.mark.parametrize("shape", [(16, 16), (12, 9), (9, 31), (8, 8, 3), (1, 7)])
def test_white_noise_is_flat(shape):
    frequency, power = radial_spectrum(3 * noise(3000, *shape))
    np.testing.assert_allclose(power, 9, rtol=0.15)
    assert frequency[0] == 0
    assert (np.diff(frequency) > 0).all()
    assert frequency[-1] <= np.sqrt(0.5) + 1e-12


@pytest.mark.parametrize(("height", "width"), [(32, 32), (24, 40)])
def test_a_wave_has_its_power_at_its_frequency(height, width):
    y, x = np.mgrid[:height, :width]
    for f in (1 / 8, 1 / 4):
        for phase in (x, y):
            frequency, power = radial_spectrum(np.cos(2 * np.pi * f * phase)[None])
            assert frequency[power.argmax()] == pytest.approx(f, abs=0.5 / max(height, width))
            assert power.max() > 0.99 * power.sum()


@pytest.mark.parametrize("shape", [(8, 8), (9, 12), (12, 9), (5, 7)])
def test_rings_are_those_of_the_whole_spectrum(shape):
    images = gaussian_filter(noise(3, *shape), (0, 1, 0.5))
    whole = np.square(np.abs(np.fft.fft2(images))).mean(0) / np.prod(shape)
    radius = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1]))
    ring = np.rint(radius * max(shape)).astype(int)
    frequency, power = radial_spectrum(images)
    np.testing.assert_allclose(power, [whole[ring == k].mean() for k in np.unique(ring)], rtol=1e-9)
    np.testing.assert_allclose(
        frequency, [radius[ring == k].mean() for k in np.unique(ring)], rtol=1e-9
    )


def test_checkerboards_and_blur_show():
    real, other = (gaussian_filter(noise(100, 16, 16, seed=seed), (0, 0.5, 0.5)) for seed in (0, 1))
    board = 0.3 * (-1.0) ** np.add.outer(np.arange(16), np.arange(16))
    assert spectral_distance(real, other) < 0.15
    assert spectral_distance(real, gaussian_filter(other, (0, 1, 1))) > 1
    assert spectral_distance(real, other + board) > 0.4
    frequency, power = radial_spectrum(np.tile(board, (2, 1, 1)))
    assert frequency[power.argmax()] == pytest.approx(np.sqrt(0.5), abs=0.05)


def test_a_factor_of_ten_in_power_is_one():
    real = noise(20, 10, 14, 3)
    assert spectral_distance(real, real * np.sqrt(10)) == pytest.approx(1, rel=1e-4)
    # brightness is not texture
    assert spectral_distance(real, real + 5) == pytest.approx(0, abs=1e-9)


def test_constant_and_tiny_images():
    assert np.isfinite(spectral_distance(noise(5, 8, 8), np.zeros((5, 8, 8))))
    assert spectral_distance(np.zeros((5, 8, 8)), np.zeros((5, 8, 8))) == 0
    assert spectral_distance(noise(5, 1, 1), noise(5, 1, 1, seed=1)) == 0


def test_many_images_are_the_mean_of_few():
    images = noise(600, 8, 8)
    halves = np.mean([radial_spectrum(part)[1] for part in np.split(images, 2)], axis=0)
    np.testing.assert_allclose(radial_spectrum(images)[1], halves, rtol=1e-12)
