"""The latents of a model as sliders: where its codes lie, which show most, and which code is meant
by how sliders stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ...core.capabilities import (
    Array,
    DiffusionProcess,
    Encodes,
    InvertsByOptimization,
    SamplesCodes,
)
from ...core.errors import UserError
from ...core.seeding import normal
from ...core.spec import DataSpec
from ...evaluate.probes.latent_walks import CodeRegion, by_effect
from ..held import Held

LIMIT = 3.0  # standard deviations that a slider goes to either side
_CODES, _FEW = 1000, 16  # that say where codes lie; where each takes long to find
_HELD = 32  # codes by name


@dataclass(frozen=True, eq=False)
class Latents:
    """``order``: those that can be moved, those of most effect first, and their ``effects``."""

    region: CodeRegion
    order: list[int]
    effects: list[float]

    def moved(self, code: Array, moves: Mapping[int, float]) -> Array:
        """``code`` (d,) with some latents where ``moves`` says, in standard deviations from the
        mean: (1, d). Raises `UserError` for a latent that there is not."""
        found = code.astype(np.float64)
        for latent, deviations in moves.items():
            if latent not in self._free:
                raise UserError(f"latent {latent} was moved; there is none that can be")
            found[latent] = self.region.mean[latent] + deviations * self.region.deviation[latent]
        return found[None].astype(np.float32)

    def stand(self, code: Array) -> dict[int, float]:
        """How the sliders stand at ``code`` (d,)."""
        scale = np.maximum(self.region.deviation, 1e-12)
        deviations = (code - self.region.mean) / scale
        return {latent: round(float(deviations[latent]), 2) for latent in self.order}

    def sheet(self, code: Array, across: int, up: int, side: int) -> Array:
        """Codes (side * side, d) of the plane through ``code`` (d,) along two latents, row by row
        from the top left, each at the middle of its part of what sliders reach."""
        steps = LIMIT * ((2 * np.arange(side) + 1) / side - 1)
        codes = np.tile(code.astype(np.float64), (side, side, 1))
        mean, deviation = self.region.mean, self.region.deviation
        codes[..., across] = mean[across] + steps * deviation[across]
        codes[..., up] = (mean[up] + steps[::-1] * deviation[up])[:, None]
        return codes.reshape(side * side, -1).astype(np.float32)

    def random(self, model: Any, seed: int) -> Array:
        """A code as samples are made of, (d,)."""
        if isinstance(model, SamplesCodes):
            return np.asarray(model.sample_codes(1, seed=seed)[0])
        noise = normal(seed, 0, 1, self.region.mean.shape).numpy()[0]
        return np.asarray(self.region.mean + noise * self.region.deviation)

    @cached_property
    def _free(self) -> frozenset[int]:
        return frozenset(self.order)


def has_latents(model: Any, spec: DataSpec) -> bool:
    """Whether moving one number of a code of ``model`` shows anything."""
    if not isinstance(model, Encodes) or isinstance(model, DiffusionProcess):
        return False
    return isinstance(model, SamplesCodes) or model.latent_dim_ < spec.dim


def latents_of(model: Any, spec: DataSpec, known: Callable[[], Array]) -> Latents:
    """Those of a fitted ``model`` that has some; ``known`` gives codes of data where the model
    itself draws none."""
    region = _region(model, known)
    return Latents(region, *by_effect(model, spec, region))


def _region(model: Any, known: Callable[[], Array]) -> CodeRegion:
    if not isinstance(model, SamplesCodes):
        return CodeRegion.of(np.asarray(known()))
    drawn = model.sample_codes(2 if model.normal_codes else _CODES, seed=0)
    return CodeRegion.standard(drawn.shape[1]) if model.normal_codes else CodeRegion.of(drawn)


@dataclass(eq=False)
class Known:
    """What was found out about a model already."""

    latents: Latents | None = None
    codes: Held[Array] = field(default_factory=lambda: Held(_HELD))

    def code(self, name: str, find: Callable[[], Array]) -> Array:
        """The code (d,) called ``name``, found where it is not known yet."""
        return np.asarray(self.codes.get(name, find))


_KNOWN: WeakKeyDictionary[Any, Known] = WeakKeyDictionary()


def known(model: Any) -> Known:
    """What was found out about ``model``, which its thread alone may ask."""
    return _KNOWN.setdefault(model, Known())


def some_codes(model: Any, read: Callable[[int], Array]) -> Array:
    """Codes (n, d) of a few examples, of which ``read`` gives the first."""
    few = _FEW if isinstance(model, InvertsByOptimization) else _CODES
    codes: Array = model.encode(read(few))
    return codes
