"""The ways in which models draw new data, as types: of a class, as a text says, in a style, in steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from .capabilities import Array, Quality, Reads, Samples


class Conditional(Samples):
    """Draws new data of a class, if it learned from classes."""

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0, label: str | int | None = None) -> Array:
        """``label``: the class by name or number, None for any."""


class Guided(Conditional, Reads):
    """Draws new data of a class, or as a text describes it, and exaggerates what tells it from others, if it learned from classes or captions."""

    @abstractmethod
    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        label: str | int | None = None,
        guidance: float | None = None,
        prompt: str | Sequence[str] | None = None,
        negative: str | None = None,
    ) -> Array:
        """``guidance``: how far to exaggerate, 1 for not at all; ``prompt``: a text or several, in turn; ``negative``: what to lead away from."""


class Steered(Guided):
    """Draws new data on a way that starts from noise or from an example, and is kept in the range of the data."""

    @abstractmethod
    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        label: str | int | None = None,
        guidance: float | None = None,
        prompt: str | Sequence[str] | None = None,
        negative: str | None = None,
        threshold: str | None = None,
        init: Any = None,
        strength: float = 0.6,
    ) -> Array:
        """``threshold``: none, static or dynamic; ``init``: examples to start from, in turn; ``strength``: how much is drawn anew, up to 1."""


class Morphs(Steered):
    """Draws from prompts that lie between two."""

    @abstractmethod
    def morph(self, a: str, b: str, n: int = 8, *, seed: int | None = None, steps: int | None = None, guidance: float | None = None) -> Array:
        """``n`` examples from one noise, as ``a`` and ``b`` and what lies evenly between them ask for, both ends included."""


class Styles(Samples):
    """Draws new data in a style, layer by layer."""

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0, truncation: float | None = None, mixing: int | None = None) -> Array:
        """``truncation``: how far from their average, 1 for as far as styles are; ``mixing``: coarse layers that follow one noise, not another."""


class Stepwise(Samples):
    """Draws new data in steps, each of which takes as long."""

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0, steps: int | None = None) -> Array:
        """In so many ``steps``, by default the model's."""


class Converges(Stepwise):
    """Draws new data by a sampler: more of its steps come closer to what the model has learned."""

    @abstractmethod
    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        steps: int | None = None,
        sampler: str | None = None,
        quality: Quality | None = None,
    ) -> Array:
        """``steps`` of ``sampler``, by default the model's; or as many as ``quality`` takes."""

    @abstractmethod
    def quality_curve(self, sampler: str | None = None) -> dict[int, float]:
        """Distance of samples from where endless steps would lead, in standard deviations of the data, by number of steps of ``sampler``."""

    @abstractmethod
    def enough(self, quality: Quality, curve: dict[int, float] | None = None, sampler: str | None = None) -> tuple[str, int]:
        """The sampler (``sampler``, if it can be measured) and its steps that ``quality`` takes by ``curve`` (default: one measured now)."""


class Diffuses(ABC):
    """Turns data into noise gradually, and noise into data: both can be watched."""

    @abstractmethod
    def diffuse(self, X: Any, columns: int = 8, *, seed: int | None = None) -> Array:
        """The forward process: each example at ``columns`` levels, from data to noise; (n, columns, *user_shape)."""

    @abstractmethod
    def emerge(self, n: int = 1, columns: int = 8, *, seed: int | None = None) -> tuple[Array, Array]:
        """The reverse process: ``n`` samples at ``columns`` levels, from noise to data, and what the model expected at each level to come out;
        both (n, columns, *user_shape)."""
