"""Abilities of models that make new data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Unpack

from ..options import EnlargingOptions, Quality, SamplingOptions
from ..spec import DataSpec
from .data import Array


class Samples(ABC):
    """Draws new data from p(x)."""

    # what `sample` takes beside these
    sampling_options: ClassVar[type[SamplingOptions]] = SamplingOptions

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream of
        ``seed``; each depends on these two alone."""


class DiffusionProcess(ABC):
    """Turns data into noise gradually, and noise into data, in steps of a sampler: both can be
    watched, and more steps come closer."""

    @abstractmethod
    def diffuse(self, X: Any, columns: int = 8, *, seed: int | None = None) -> Array:
        """The forward process: each example at ``columns`` levels, from data to noise; (n, columns,
        *user_shape)."""

    @abstractmethod
    def sample_trajectory(
        self, n: int = 1, columns: int = 8, *, seed: int | None = None
    ) -> tuple[Array, Array]:
        """The reverse process: ``n`` samples at ``columns`` levels, from noise to data, and what
        the model expected at each level to come out; both (n, columns, *user_shape)."""

    @abstractmethod
    def convergence_curve(self, sampler: str | None = None) -> dict[int, float]:
        """Distance of samples from where endless steps would lead, in standard deviations of the
        data, by number of steps."""

    @abstractmethod
    def steps_for_quality(
        self, quality: Quality, curve: dict[int, float] | None = None, sampler: str | None = None
    ) -> tuple[str, int]:
        """The sampler (``sampler``, if it can be measured) and its steps that ``quality`` takes by
        ``curve`` (default: measured now)."""


class InterpolatesPrompts(ABC):
    """Draws from prompts that lie between two, if it learned captions."""

    @abstractmethod
    def interpolate_prompts(
        self,
        a: str,
        b: str,
        n: int = 8,
        *,
        seed: int | None = None,
        steps: int | None = None,
        guidance: float | None = None,
    ) -> Array:
        """``n`` examples from one noise, as ``a`` and ``b`` and what lies evenly between them ask
        for, both ends included."""


class SuperResolves(ABC):
    """Makes large examples of small ones, with the details that such examples have."""

    small_spec_: DataSpec  # what small examples look like

    @abstractmethod
    def shrink(self, X: Any) -> Array:
        """Small versions of large examples, both in the user's units."""

    @abstractmethod
    def enlarge(
        self,
        X: Any,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[EnlargingOptions],
    ) -> Array:
        """Examples in the user's units, one for each small one; ``start`` is the number of the
        first."""


class MixesStyles(ABC):
    """Draws the coarse traits of one sample with the fine ones of another."""

    @abstractmethod
    def mix_styles(
        self, rows: int, columns: int, *, seed: int | None = None
    ) -> tuple[Array, Array, Array]:
        """Samples that coarse styles are taken from (rows, *user_shape), samples that fine ones are
        taken from (columns, *user_shape), and each pair mixed (rows, columns, *user_shape)."""
