"""Abilities of models with codes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import UserError, nearest
from .data import Array


class Encodes(ABC):
    """Maps data to a latent space and back: ``reconstruct`` is ``decode`` after ``encode``."""

    latent_dim_: int  # numbers in a code

    @abstractmethod
    def encode(self, X: Any) -> Array:
        """Codes (n, latent_dim) of examples in the user's units; deterministic."""

    @abstractmethod
    def decode(self, Z: Any) -> Array:
        """Examples in the user's units from codes (n, latent_dim)."""

    def reconstruct(self, X: Any) -> Array:
        """``decode(encode(X))``."""
        return self.decode(self.encode(X))

    def interpolate(self, a: Any, b: Any, n: int = 8) -> Array:
        """``n`` examples on the straight line between the codes of two examples, both ends
        included."""
        za, zb = self.encode(a), self.encode(b)
        t = np.linspace(0, 1, n, dtype=za.dtype)[:, None]
        return self.decode((1 - t) * za[:1] + t * zb[:1])


class HasFeatures(ABC):
    """Has layers whose activations tell examples apart better than its codes do, at times t between
    data, 0, and noise, 1."""

    @property
    @abstractmethod
    def feature_layers_(self) -> tuple[str, ...]:
        """Names of the layers, from the first to the last."""

    @property
    @abstractmethod
    def feature_times_(self) -> tuple[float, ...]:
        """Times at which layers are worth asking, from little noise to much."""

    @abstractmethod
    def layer_features(self, X: Any, layers: Sequence[str], t: float) -> dict[str, Array]:
        """Features (n, d) by layer of examples in the user's units, at ``t``; deterministic."""

    def check_feature(self, layer: str, t: float) -> None:
        """Raise `UserError` for a layer that there is not, and a time that lies not between."""
        if layer not in self.feature_layers_:
            raise UserError(
                f"layer {layer!r} was asked for; there is none;"
                f" {nearest(layer, self.feature_layers_)}"
            )
        if not 0 < t < 1:
            raise UserError(f"t={t:g} was asked for; a time lies between 0, data, and 1, noise")

    def features(self, X: Any, layer: str, t: float) -> Array:
        """Features (n, d) of examples in the user's units, by one layer at ``t``."""
        return self.layer_features(X, (layer,), t)[layer]


class InfersPosterior(Encodes):
    """Knows of each example not one code but a distribution of codes, q(z|x)."""

    @abstractmethod
    def posterior(self, X: Any) -> tuple[Array, Array]:
        """Mean (n, latent_dim) and covariance (n, latent_dim, latent_dim) of q(z|x) for examples in
        the user's units."""


class InvertsByOptimization(Encodes):
    """Finds codes by optimisation, for want of an encoder: they are approximate, and take long."""


class DecodesExactly(Encodes):
    """Decodes to the same values on any machine, as what is compressed by it has to be."""

    @abstractmethod
    def decode_exactly(self, Z: Any) -> Array:
        """As `decode`, in double precision, whose rounding errors differ between machines but
        hardly ever reach a value of an image."""


class EncodesWords(DecodesExactly):
    """Has codes that are words of a vocabulary."""

    vocabulary_: int  # words there are
    word_shape_: tuple[int, ...]  # of the words of an example

    @abstractmethod
    def encode_indices(self, X: Any) -> Array:
        """Words of examples, whole numbers below ``vocabulary_``, (n, *word_shape_)."""

    @abstractmethod
    def codes_of_indices(self, indices: Any) -> Array:
        """Codes (n, latent_dim) that stand for words. Raises `UserError` for words that there are
        not."""


class SamplesCodes(ABC):
    """Draws codes, which its samples are decoded from; where they are independent N(0, 1), they are
    ``normal_codes``."""

    normal_codes: ClassVar[bool] = False

    @abstractmethod
    def sample_codes(self, n: int = 1, *, seed: int | None = None) -> Array:
        """Codes (n, latent_dim); each depends on the seed and its number alone."""
