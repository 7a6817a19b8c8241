"""Power spectrum: how much of an image's variation is coarse, and how much is fine.

    P(f) = mean over images, channels and the ring |(f_y, f_x)| = f of |FFT(x)|^2 / (H W),

f in cycles per pixel

Azimuthally averaged (Durall et al. 2020, arXiv 2003.01826, who find that up-convolutions fail to
reproduce it). Natural images fall off as about 1/f^2 (Field 1987). Blur, the mark of squared-error
decoders, lacks power at high f; checkerboards are a peak towards the corner of the spectrum, at f =
0.5 to 0.71.

Pitfalls: phases are ignored: an image of the same spectrum can be noise; images that do not wrap
around leak power along the axes, alike in real and sampled ones.
"""

from __future__ import annotations

import numpy as np

from ..metric import Metric, SetMetric
from ._distances import Array

_IMAGES = 256
# of the mean power: about what rounding to 256 levels adds to every frequency; less cannot be told
# from none
_EIGHT_BIT = 1e-5


def radial_spectrum(images: Array) -> tuple[Array, Array]:
    """Frequencies in cycles per pixel, from 0 to at most 0.71, and mean power, of images (n, H, W)
    or (n, H, W, C)."""
    height, width = images.shape[1:3]
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    # brightness alone is in ring 0
    ring = np.maximum(np.rint(radius * max(height, width)), radius > 0).astype(int).ravel()
    weight = np.tile(_multiplicity(width), height)
    total = np.bincount(ring, weight)
    kept = total > 0
    sums = [
        np.bincount(ring, weight * values) for values in (_power(images).ravel(), radius.ravel())
    ]
    return sums[1][kept] / total[kept], sums[0][kept] / total[kept]


def spectral_distance(real: Array, fake: Array) -> float:
    """Root mean squared difference of log10 P over the frequencies above zero: 1 is a factor of
    ten."""
    (_, p), (_, q) = radial_spectrum(real), radial_spectrum(fake)
    if len(p) < 2:
        return 0.0
    p, q = p[1:], q[1:]
    floor = _EIGHT_BIT * p.mean() + 1e-300
    return float(np.sqrt(np.square(np.log10(p + floor) - np.log10(q + floor)).mean()))


def _power(images: Array) -> Array:
    """Mean over images and channels of |FFT|^2 / (H W): (H, W // 2 + 1), the other half being its
    mirror."""
    height, width = images.shape[1:3]
    total = np.zeros((height, width // 2 + 1))
    for start in range(0, len(images), _IMAGES):
        part = (
            images[start : start + _IMAGES]
            .astype(np.float64)
            .reshape(-1, height, width, int(np.prod(images.shape[3:])))
        )
        total += np.square(np.abs(np.fft.rfft2(part, axes=(1, 2)))).mean(3).sum(0)
    return np.asarray(total / (len(images) * height * width))


def _multiplicity(width: int) -> Array:
    """How many columns of the full spectrum each column of the half one stands for."""
    columns = np.arange(width // 2 + 1)
    return np.where((columns == 0) | (2 * columns == width), 1.0, 2.0)


METRIC = SetMetric.single(
    Metric(
        key="spectrum",
        title="Spectral distance",
        group="samples",
        better="lower",
        meaning=(
            "Do coarse and fine detail have the right strength? Blur and checkerboard patterns show"
            " here; 1 means wrong by a factor of ten."
        ),
        reference="Durall et al. 2020, arXiv 2003.01826",
        ideal=0.0,
        least=0.0,
    ),
    spectral_distance,
    needs="images",
    order=7,
    largest=10_000,
)
