"""Abilities of models that mend examples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from .data import Array


class Denoises(ABC):
    """Removes noise from the user's examples."""

    @abstractmethod
    def denoise(self, X: Any) -> Array:
        """The clean examples, in the user's units and of the shape of ``X``."""


class Inpaints(ABC):
    """Fills in what is missing of an example; ``fills_gaps``: without a mask, what is missing of
    each row of a table."""

    fills_gaps: ClassVar[bool] = False

    @abstractmethod
    def inpaint(self, X: Any, mask: Any, *, seed: int | None = None) -> Array:
        """Examples ``X`` (n, *user_shape) with new values where ``mask`` is true, and their own
        everywhere else.

        ``mask``: one for all examples or one for each, of the shape of an example, or of its height
        and width.
        """


class Restores(Inpaints):
    """Removes noise of a known strength, or estimates how strong it is; fills in what is missing of
    an example; and tells by how much it fails to restore examples from noise."""

    @abstractmethod
    def denoise(self, X: Any, noise: float | None = None) -> Array:
        """The expected clean examples. ``noise``: its standard deviation, in the user's units for
        images and in standard deviations of each column for tables; None: estimated for each
        example."""

    @abstractmethod
    def estimate_noise(self, X: Any) -> Array:
        """The standard deviation of the noise on each example, as estimated, shape (n,); in the
        units of ``denoise``."""

    @abstractmethod
    def denoising_errors(self, X: Any, noise: Sequence[float], *, draws: int = 1) -> Array:
        """Mean squared error for each number of E[x | x + noise], (n, levels), over ``draws`` of
        the noise, which is the same for all examples; in variances of the data, as ``noise`` is in
        its standard deviations, one for each level."""
