"""Numbers without a range: rows of a table, and grids of them such as codes of images."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from .base import Array, DataSpec


@dataclass(frozen=True, kw_only=True)
class _StandardisedSpec(DataSpec):
    """Numbers whose kinds, along the first axis, have a ``mean`` and a ``scale`` each."""

    mean: tuple[float, ...] = field(repr=False)
    scale: tuple[float, ...] = field(repr=False)

    def check(self) -> None:
        super().check()
        for name in ("mean", "scale"):
            if len(getattr(self, name)) != self.shape[0]:
                raise self.impossible(name, f"an entry for each of {self.shape[0]}")
        if not all(map(math.isfinite, self.mean)):
            raise self.impossible("mean", "finite numbers")
        if not all(math.isfinite(scale) and scale > 0 for scale in self.scale):
            raise self.impossible("scale", "finite numbers above 0")

    def log_volume(self, values: Array) -> float:
        return -sum(math.log(scale) for scale in self.scale) * (self.dim // self.shape[0])


@dataclass(frozen=True, kw_only=True)
class VectorSpec(_StandardisedSpec):
    """Rows of numbers of one kind: ``shape`` is (D,); each column is standardised by its ``mean``
    and ``scale``."""

    def check(self) -> None:
        super().check()
        if len(self.shape) != 1:
            raise self.impossible("shape", "(columns,)")

    def log_volumes(self, values: Array) -> Tensor:
        """log |d inside / d user| of each column, (n, D)."""
        return -torch.tensor(self.scale, dtype=torch.float64).log().expand(len(values), -1)

    def to_internal(self, values: Array) -> Tensor:
        values = self.checked(values).astype(np.float64)
        return torch.from_numpy((values - np.array(self.mean)) / np.array(self.scale)).float()

    def to_user(self, x: Tensor) -> Array:
        values: Array = x.detach().double().cpu().numpy() * np.array(self.scale) + np.array(
            self.mean
        )
        kind = np.dtype(self.dtype)
        if kind.kind in "iu":
            values = values.round().clip(np.iinfo(kind).min, np.iinfo(kind).max)
        return (values.round() if kind.kind == "b" else values).astype(kind)


@dataclass(frozen=True, kw_only=True)
class FeatureMapSpec(_StandardisedSpec):
    """Numbers on a grid that have no range, such as the codes of images: ``shape`` is (C, H, W),
    outside as inside; each channel is standardised by its ``mean`` and ``scale``."""

    def check(self) -> None:
        super().check()
        if len(self.shape) != 3:
            raise self.impossible("shape", "(channels, height, width)")

    def to_internal(self, values: Array) -> Tensor:
        mean, scale = self._units()
        return (torch.from_numpy(self.checked(values).astype(np.float32)) - mean) / scale

    def to_user(self, x: Tensor) -> Array:
        mean, scale = self._units()
        values: Array = (x.detach().float().cpu() * scale + mean).numpy()
        return values.astype(self.dtype)

    def _units(self) -> tuple[Tensor, Tensor]:
        mean, scale = (
            torch.tensor(numbers, dtype=torch.float32)[:, None, None]
            for numbers in (self.mean, self.scale)
        )
        return mean, scale
