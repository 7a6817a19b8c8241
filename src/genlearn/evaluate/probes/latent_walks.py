"""Walks through the space of codes, and which latents they show most in.

A latent is walked from the mean of the codes to either side while the others stay at their mean.
Its *effect* is what the walk does to what is decoded: the root mean square difference between the
middle and the ends, over all numbers of an image, with its range counted as 1, or over the columns
of a row, in their standard deviations. That is a fact of
the decoder, where the variance of a code is one of the encoder: without a prior the scale of a code
is arbitrary, and a latent of small variance may change most.

Numbers of a code of which just one is 1 and the others 0 say a class, and nothing lies between
classes: they stay as in the first code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ...core.capabilities import Array, Encodes
from ...core.spec import DataSpec, ImageSpec
from ...data.columns.frames import as_numbers

REACH = 2.5  # standard deviations that a walk goes to either side
_MEASURED = 256  # latents whose effect is measured, those of largest variance
_AT_A_TIME = 64  # latents


@dataclass(frozen=True, eq=False)
class CodeRegion:
    """Where codes (n, latent_dim) lie: ``mean`` and ``deviation`` of each latent, and the ends of
    its ``middle`` 90 %, (2, latent_dim); latents that say a class are ``fixed``."""

    mean: Array
    deviation: Array
    middle: Array
    fixed: Array

    @classmethod
    def of(cls, codes: Array) -> Self:
        """That of ``codes``."""
        binary = ((codes == 0) | (codes == 1)).all(0)
        fixed = binary & (codes[:, binary].sum(1) == 1).all()
        mean = np.where(fixed, codes[0], codes.mean(0))
        middle = np.quantile(codes, [0.05, 0.95], axis=0)
        return cls(mean, np.where(fixed, 0, codes.std(0)), middle, fixed)

    @classmethod
    def standard(cls, dim: int) -> Self:
        """That of N(0, I)."""
        middle = np.outer([-1.6449, 1.6449], np.ones(dim))
        return cls(np.zeros(dim), np.ones(dim), middle, np.zeros(dim, dtype=bool))

    @property
    def free(self) -> Array:
        """The latents that can be walked along, those of largest variance first."""
        order = np.argsort(-self.deviation, kind="stable")
        return order[~self.fixed[order]]

    def walks(self, latents: Sequence[int], moments: int) -> Array:
        """Codes along each of ``latents``: (latents * moments, latent_dim)."""
        steps = np.linspace(-REACH, REACH, moments)
        codes = np.tile(self.mean, (len(latents), moments, 1))
        for walk, latent in zip(codes, latents, strict=True):
            walk[:, latent] += steps * self.deviation[latent]
        return codes.reshape(-1, len(self.mean)).astype(np.float32)


def by_effect(model: Encodes, spec: DataSpec, region: CodeRegion) -> tuple[list[int], list[float]]:
    """The latents that can be walked along, those of most effect first, and their effects. Of more
    than 256 those of largest variance are measured."""
    latents = region.free[:_MEASURED]
    parts = [latents[start : start + _AT_A_TIME] for start in range(0, len(latents), _AT_A_TIME)]
    effects = np.concatenate([np.zeros(0), *(_effects(model, spec, region, p) for p in parts)])
    order = np.argsort(-effects, kind="stable")
    return [int(latents[i]) for i in order], [float(effects[i]) for i in order]


def _effects(model: Encodes, spec: DataSpec, region: CodeRegion, latents: Array) -> Array:
    values = model.decode(region.walks(list(latents), 3))
    walks = _measured(values, spec).reshape(len(latents), 3, -1)
    return np.asarray(np.sqrt(np.square(walks[:, [0, 2]] - walks[:, [1]]).mean((1, 2))))


def _measured(values: Any, spec: DataSpec) -> Array:
    """Examples in units in which differences can be told from one another."""
    if isinstance(spec, ImageSpec):
        return np.asarray(values, np.float64) / (spec.high - spec.low)
    return spec.to_internal(as_numbers(values, spec)).double().numpy()
