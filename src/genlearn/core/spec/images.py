"""Images, whose values lie in a range, often on levels."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from ..processes import uniform_rows
from .base import Array, DataSpec

Binarise = Literal["none", "threshold", "stochastic"]


@dataclass(frozen=True, kw_only=True)
class ImageSpec(DataSpec):
    """Images: ``shape`` is (C, H, W); values lie in [low, high], on ``levels`` evenly spaced values
    or anywhere (None).

    ``channel_axis``: the user's images are (H, W, C) rather than (H, W). ``binarise``: each value
    is replaced by black or white, by comparing it with the middle of the range (threshold) or with
    chance (stochastic; Salakhutdinov & Murray 2008), drawn anew for each training batch and fixed
    by the image's content otherwise.
    """

    low: float
    high: float
    levels: int | None
    channel_axis: bool = False
    binarise: Binarise = "none"

    def check(self) -> None:
        super().check()
        if len(self.shape) != 3 or (self.shape[0] > 1 and not self.channel_axis):
            raise self.impossible("shape", "(channels, height, width)")
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise self.impossible("high", f"a finite number above low={self.low!r}")
        if self.levels is not None and self.levels < 2:
            raise self.impossible("levels", "at least 2, or none")

    def unlike(self, other: ImageSpec) -> tuple[str, Any, Any] | None:
        """What images of ``other`` first differ in, by name, with the value of both; None where
        they are of one kind."""
        for name in ("shape", "low", "high", "levels", "channel_axis", "binarise"):
            one, another = getattr(self, name), getattr(other, name)
            if one != another:
                return name, one, another
        return None

    @property
    def user_shape(self) -> tuple[int, ...]:
        c, h, w = self.shape
        return (h, w, c) if self.channel_axis else (h, w)

    @property
    def inner_levels(self) -> int | None:
        """Levels that the networks see: two when binarised."""
        return self.levels if self.binarise == "none" else 2

    @property
    def bin_width(self) -> float | None:
        return None if self.inner_levels is None else 2 / self.inner_levels

    def log_volume(self, values: Array) -> float:
        width = 2 / (self.high - self.low) if self.bin_width is None else self.bin_width
        return self.dim * math.log(width)

    def to_internal(self, values: Array) -> Tensor:
        values = self.checked(values)
        return self._inside(
            values, self._content_chance(values) if self.binarise == "stochastic" else None
        )

    def draw_internal(self, values: Array) -> Tensor:
        stochastic = self.binarise == "stochastic"
        chance = uniform_rows(len(values), *self.shape) if stochastic else None
        return self._inside(values, chance)

    def inside(self, values: Tensor, chance: Tensor | None = None) -> Tensor:
        """The user's ``values`` (n, *user_shape) as the networks see them, float32 (n, *shape), on
        the device where they are; ``chance``: uniforms that decide what is black."""
        share = (values.to(torch.float32) - self.low) / (self.high - self.low)
        share = (share if self.channel_axis else share[..., None]).movedim(-1, 1)
        if self.binarise != "none":
            share = (share > (0.5 if chance is None else chance)).to(torch.float32)
        if self.inner_levels is None:
            return share * 2 - 1
        return (share * (self.inner_levels - 1) * 2 + 1) / self.inner_levels - 1

    def to_user(self, x: Tensor) -> Array:
        x = (x.detach().float().cpu().clamp(-1, 1) + 1) / 2
        if self.inner_levels is not None:
            last = self.inner_levels - 1
            x = (x * self.inner_levels).floor().clamp(max=last) / last
        values = (self.low + x.double() * (self.high - self.low)).movedim(1, -1).numpy()
        values = values if self.channel_axis else values[..., 0]
        return (values.round() if np.dtype(self.dtype).kind in "iub" else values).astype(self.dtype)

    def _inside(self, values: Array, chance: Tensor | None) -> Tensor:
        numbers = (
            values
            if values.dtype in (np.uint8, np.float32)
            else values.astype(np.float64 if values.dtype.kind == "f" else np.int64)
        )
        return self.inside(torch.tensor(np.ascontiguousarray(numbers)), chance)

    def _content_chance(self, values: Array) -> Tensor:
        rows = [
            np.random.default_rng(_digest(image)).random(self.shape, dtype=np.float32)
            for image in values
        ]
        return torch.from_numpy(np.stack(rows)) if rows else torch.empty(0, *self.shape)


def _digest(image: Array) -> int:
    return int.from_bytes(
        hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=8).digest(), "little"
    )
