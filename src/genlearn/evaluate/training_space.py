"""Spaces in which samples are compared with all training examples: principal components of pixels,
or columns, and of the amplitudes of the Fourier transform.

A shift of an image by s multiplies its transform at frequency k by exp(-2 pi i k.s), which leaves
|F(k)| as it is, exactly for what leaves at one border and enters at the other, or where borders are
empty; a reflection takes k to its mirror image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from sklearn.decomposition import PCA

from ..core.capabilities import Array
from ..core.seeding import seed_for

_DIM = 64  # principal components
_CHUNK = 1000


@dataclass(frozen=True, eq=False)
class TrainingSpace:
    """The leading principal components of ``rows(values)``, and all training examples there,
    ``train`` (N, d)."""

    rows: Callable[[Array], Array]
    pca: PCA
    train: Array = field(repr=False)

    @classmethod
    def fit(
        cls, rows: Callable[[Array], Array], some: Array, train: Array, seed: int
    ) -> TrainingSpace:
        """Components of ``some`` of the training examples ``train``, (n, *user_shape) each."""
        known = np.concatenate([rows(part) for part in _chunks(some)])
        state = seed_for(seed, "places") % 2**32
        pca = PCA(min(_DIM, *known.shape), svd_solver="auto", random_state=state).fit(known)
        return cls(rows, pca, _project(rows, pca, train))

    def project(self, values: Array) -> Array:
        """Examples (n, *user_shape) -> (n, d), float64."""
        return _project(self.rows, self.pca, values)


def _project(rows: Callable[[Array], Array], pca: PCA, values: Array) -> Array:
    parts = [pca.transform(rows(part)) for part in _chunks(values)]
    return np.concatenate(parts).astype(np.float64)


def _chunks(values: Array) -> list[Array]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]


def fourier_amplitudes(images: Array) -> Array:
    """|F(k)| of images (n, H, W[, C]), averaged with that of the mirrored image, as rows float32:
    the same for an image, its shifts around the borders and its reflections."""
    amplitude = np.abs(np.fft.rfft2(images, axes=(1, 2)))
    mirrored = np.roll(amplitude[:, ::-1], 1, axis=1)
    return ((amplitude + mirrored) / 2).reshape(len(images), -1).astype(np.float32)
