r"""A model's codes as whole numbers that are cheap to tell, and back.

Words of a vocabulary are whole numbers already. Other codes z are rounded to multiples of a step.
A step d_k of the number z_k adds |dx/dz_k|^2 d_k^2 / 12 to the squared error of what is decoded, so
for an error that is shared evenly by all K numbers, D for each of the P numbers of an image,

    d_k = sqrt(12 P D / K) / |dx/dz_k|,

with the slopes measured by how the model decodes (optimal for small D: Gersho & Gray 1992, "Vector
quantization and signal compression", reverse water-filling). Images are decoded to whole levels,
and the error of that, 1/12 in each of the two that a slope is measured between, is no part of it. A
number whose mean square is less than that of the error of its step, d_k^2 / 12, is left out.

Whole numbers are coded as two bytes, as channels of an image, by the coder of pixels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..core.capabilities import Array, DecodesExactly, EncodesWords
from .container import damaged

_BIAS = (1 << 15) + (1 << 7)  # the high byte of numbers near zero is always the same
_QUARTERS, _ZERO = 4, 128  # steps are 2^((byte - 128) / 4)
_LEFT_OUT = 255  # stands for a number that is zero throughout
_MEASURED = 8  # images by which slopes are measured
_NUDGE = 2.0  # of a code's standard deviation
_LEAST = 0.01  # of a squared difference, what it is at least without rounding


@dataclass(frozen=True)
class Code(ABC):
    """How codes of a model become whole numbers ``k`` (n, H, W) and these become images again."""

    model: DecodesExactly
    name: ClassVar[str]

    @property
    @abstractmethod
    def places(self) -> tuple[int, int]: ...

    @abstractmethod
    def numbers(self, values: Array) -> Array:
        """(n, *user_shape) -> (n, H, W)."""

    @abstractmethod
    def decode(self, numbers: Array) -> Array:
        """(n, H, W) -> what is expected, (n, *user_shape) in the user's units."""


@dataclass(frozen=True)
class Words(Code):
    """Of a model with a vocabulary."""

    model: EncodesWords
    name: ClassVar[str] = "words"

    @property
    def places(self) -> tuple[int, int]:
        grid = self.model.word_shape_
        return (grid[0], grid[1]) if len(grid) == 2 else (1, grid[0])

    def numbers(self, values: Array) -> Array:
        return np.asarray(self.model.encode_indices(values)).reshape(-1, *self.places)

    def decode(self, numbers: Array) -> Array:
        """Raises `UserError` for words that there are not."""
        if numbers.min() < 0 or numbers.max() >= self.model.vocabulary_:
            raise damaged("it holds words that the run does not know")
        codes = self.model.codes_of_indices(numbers.reshape(-1, *self.model.word_shape_))
        return self.model.decode_exactly(codes)


@dataclass(frozen=True)
class Numbers(Code):
    """Multiples of ``steps`` (latent_dim,), given as bytes; those left out are zero."""

    model: DecodesExactly
    steps: bytes
    name: ClassVar[str] = "numbers"

    @property
    def places(self) -> tuple[int, int]:
        return 1, int(self._told.sum())

    @property
    def _told(self) -> Array:
        return np.asarray(np.frombuffer(self.steps, np.uint8) != _LEFT_OUT)

    @property
    def _steps(self) -> Array:
        exponents = np.frombuffer(self.steps, np.uint8).astype(np.float64) - _ZERO
        return np.asarray(2 ** (exponents / _QUARTERS))

    def numbers(self, values: Array) -> Array:
        z = np.asarray(self.model.encode(values), np.float64) / self._steps
        return (
            np.rint(z).clip(-(1 << 15), (1 << 15) - (1 << 8)).astype(np.int64)[:, None, self._told]
        )

    def decode(self, numbers: Array) -> Array:
        codes = np.zeros((len(numbers), len(self.steps)))
        codes[:, self._told] = numbers[:, 0] * self._steps[self._told]
        return self.model.decode_exactly(codes)

    def without_small(self, values: Array) -> Numbers:
        """The same where numbers that cost more than they tell of ``values`` are left out; one is
        always kept."""
        z = np.asarray(self.model.encode(values), np.float64) / self._steps
        zero = np.square(z).mean(0) < 1 / 12
        zero[0] = zero[0] and not zero.all()
        steps = np.frombuffer(self.steps, np.uint8).copy()
        steps[zero] = _LEFT_OUT
        return Numbers(self.model, steps.tobytes())


def slopes(model: DecodesExactly, values: Array) -> Array:
    """|dx/dz_k| of each number of a code, (latent_dim,), averaged over some of ``values``."""
    z = np.asarray(model.encode(values[:_MEASURED]), np.float64)
    spread = z.std(0) if len(z) > 1 else np.ones(z.shape[1])
    spread = np.where(spread > 1e-6, spread, 1.0)
    decoded = np.asarray(model.decode(z))
    middle, whole = decoded.astype(np.float64), decoded.dtype.kind in "iu"
    rounding = 2 * middle[0].size / 12 if whole else 0.0
    found = np.zeros(z.shape[1])
    for k in range(z.shape[1]):
        nudged = z.copy()
        nudged[:, k] += _NUDGE * spread[k]
        square = ((model.decode(nudged).astype(np.float64) - middle) ** 2).sum() / len(z)
        found[k] = np.sqrt(max(square - rounding, _LEAST * square)) / (_NUDGE * spread[k])
    return found


def steps_of(slope: Array, error: float, size: int) -> bytes:
    """The steps, as bytes, by which rounding adds a mean squared ``error``, in the user's units, to
    what is decoded of images of ``size`` numbers."""
    exact = np.sqrt(12 * size * error / len(slope)) / np.maximum(slope, 1e-6)
    exponents = np.rint(_QUARTERS * np.log2(exact)) + _ZERO
    return bytes(exponents.clip(0, _LEFT_OUT - 1).astype(np.uint8).tobytes())


def to_bytes(numbers: Array) -> Array:
    """(n, H, W) -> (n, H, W, 2), uint8, the high byte first."""
    biased = numbers + _BIAS
    return np.stack([biased >> 8, biased & 255], -1).astype(np.uint8)


def from_bytes(values: Array) -> Array:
    """What `to_bytes` was given."""
    return (values[..., 0].astype(np.int64) << 8) + values[..., 1] - _BIAS
