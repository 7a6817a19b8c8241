"""What data looks like, and the border between the user's units and the networks'.

Outside: uint8 images (N, H, W) or (N, H, W, C), tables in their own columns. Inside: float32 images
(N, C, H, W) in [-1, 1], standardised vectors (N, D). The border is crossed by ``to_internal`` and
``to_user`` and nowhere else.

**Discrete images.** With L evenly spaced values, level k fills the cell [2k/L - 1, 2(k+1)/L - 1] of
[-1, 1] and is represented by the cell's centre. A density over [-1, 1] is then a density over
dequantised data; its integral over the cell is the probability of the level. The unit of the user's
data space is one level: log p is the log-probability of the discrete image, and comparable between
models.

**log |dx/du|.** ``log_volume`` turns an internal log-density into one over the user's data space:
add it.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .errors import UserError, nearest

Array = NDArray[Any]
Binarise = Literal["none", "threshold", "stochastic"]
_DTYPES = {np.dtype(code).name for code in (*np.typecodes["AllInteger"], *"efd?")}


@dataclass(frozen=True, kw_only=True)
class DataSpec(ABC):
    """All that a model may know about its data before it sees it. ``shape`` is one example's, as
    the networks see it."""

    shape: tuple[int, ...]
    dtype: str
    classes: tuple[str, ...] = ()
    captions: bool = False

    @property
    def dim(self) -> int:
        """The number of numbers in one example."""
        return math.prod(self.shape)

    @property
    @abstractmethod
    def user_shape(self) -> tuple[int, ...]:
        """The shape of one example in the user's units."""

    @property
    @abstractmethod
    def bin_width(self) -> float | None:
        """The width of one level inside, or None for continuous data."""

    @property
    @abstractmethod
    def log_volume(self) -> float:
        """log |d inside / d user|, summed over all dimensions."""

    @abstractmethod
    def to_internal(self, values: Array) -> Tensor:
        """(n, *user_shape) in the user's units -> float32 (n, *shape). Raises `UserError` on
        another shape or NaN."""

    @abstractmethod
    def to_user(self, x: Tensor) -> Array:
        """float (n, *shape) -> (n, *user_shape) in the user's units, dtype and range."""

    def to_json(self) -> dict[str, Any]:
        return {"kind": type(self).__name__, **asdict(self)}

    @staticmethod
    def from_json(fields: dict[str, Any]) -> DataSpec:
        """The spec that `to_json` described. Raises `UserError` for what describes no data."""
        kinds: dict[Any, type[DataSpec]] = {
            "ImageSpec": ImageSpec,
            "VectorSpec": VectorSpec,
            "FeatureMapSpec": FeatureMapSpec,
        }
        kind = fields.get("kind")
        if not isinstance(kind, str) or kind not in kinds:
            raise UserError(f"data of the kind {kind!r} is unknown; {nearest(str(kind), kinds)}")
        try:
            msgspec.convert(fields, kinds[kind])
        except msgspec.ValidationError as error:
            raise UserError(f"the description of the data is damaged: {error}") from None
        rest: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v
            for k, v in fields.items()
            if k in kinds[kind].__dataclass_fields__
        }
        spec = kinds[kind](**rest)
        spec.check()
        return spec

    def check(self) -> None:
        """Raise `UserError` where no data can be like this."""
        if not self.shape or min(self.shape) < 1:
            raise self._impossible("shape", "sizes of at least 1")
        if self.dtype not in _DTYPES:
            raise self._impossible("dtype", "a type of real numbers")

    def _impossible(self, field: str, needed: str) -> UserError:
        given = repr(getattr(self, field))
        return UserError(f"the data's {field} is said to be {given[:80]}; it takes {needed}")

    def checked(self, values: Any) -> Array:
        """``values`` as an array of examples. Raises `UserError` on another shape or NaN."""
        given: Array = np.asarray(values)
        if given.shape[1:] != self.user_shape:
            raise UserError(
                f"examples of shape {given.shape[1:]} were given; the model was fitted on"
                f" {self.user_shape}"
            )
        if given.dtype.kind == "f" and not np.isfinite(given).all():
            raise UserError("the data holds NaN or infinite values; remove or fill them first")
        return given


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
            raise self._impossible("shape", "(channels, height, width)")
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise self._impossible("high", f"a finite number above low={self.low!r}")
        if self.levels is not None and self.levels < 2:
            raise self._impossible("levels", "at least 2, or none")

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

    @property
    def log_volume(self) -> float:
        width = 2 / (self.high - self.low) if self.bin_width is None else self.bin_width
        return self.dim * math.log(width)

    def to_internal(self, values: Array) -> Tensor:
        values = self.checked(values)
        return self._inside(
            values, self._content_chance(values) if self.binarise == "stochastic" else None
        )

    def draw_internal(self, values: Array) -> Tensor:
        """Like `to_internal` for a training batch: stochastic binarisation is drawn from torch's
        generator."""
        chance = torch.rand(len(values), *self.shape) if self.binarise == "stochastic" else None
        return self._inside(values, chance)

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
        share = (torch.tensor(np.ascontiguousarray(numbers), dtype=torch.float32) - self.low) / (
            self.high - self.low
        )
        share = (share if self.channel_axis else share[..., None]).movedim(-1, 1)
        if self.binarise != "none":
            share = (share > (0.5 if chance is None else chance)).to(torch.float32)
        if self.inner_levels is None:
            return share * 2 - 1
        return (share * (self.inner_levels - 1) * 2 + 1) / self.inner_levels - 1

    def _content_chance(self, values: Array) -> Tensor:
        rows = [
            np.random.default_rng(_digest(image)).random(self.shape, dtype=np.float32)
            for image in values
        ]
        return torch.from_numpy(np.stack(rows)) if rows else torch.empty(0, *self.shape)


@dataclass(frozen=True, kw_only=True)
class VectorSpec(DataSpec):
    """Rows of numbers: ``shape`` is (D,); each column is standardised by its ``mean`` and
    ``scale``.

    ``columns`` names them; ``whole`` marks columns that hold integers only, which come back as
    integers.
    """

    mean: tuple[float, ...] = field(repr=False)
    scale: tuple[float, ...] = field(repr=False)
    columns: tuple[str, ...] = field(default=(), repr=False)
    whole: tuple[bool, ...] = field(default=(), repr=False)

    def check(self) -> None:
        super().check()
        if len(self.shape) != 1:
            raise self._impossible("shape", "(columns,)")
        for name in ("mean", "scale", "columns", "whole"):
            there = len(getattr(self, name))
            if there != self.dim and (there or name in ("mean", "scale")):
                raise self._impossible(name, f"an entry for each of {self.dim} columns")
        _check_units(self)

    @property
    def user_shape(self) -> tuple[int, ...]:
        return self.shape

    @property
    def bin_width(self) -> None:
        return None

    @property
    def log_volume(self) -> float:
        return -sum(math.log(scale) for scale in self.scale)

    def to_internal(self, values: Array) -> Tensor:
        values = self.checked(values).astype(np.float64)
        return torch.from_numpy((values - np.array(self.mean)) / np.array(self.scale)).float()

    def to_user(self, x: Tensor) -> Array:
        values: Array = x.detach().double().cpu().numpy() * np.array(self.scale) + np.array(
            self.mean
        )
        if any(self.whole):
            values = np.where(np.array(self.whole), values.round(), values)
        kind = np.dtype(self.dtype)
        return (
            values.clip(np.iinfo(kind).min, np.iinfo(kind).max) if kind.kind in "iu" else values
        ).astype(kind)


@dataclass(frozen=True, kw_only=True)
class FeatureMapSpec(DataSpec):
    """Numbers on a grid that have no range, such as the codes of images: ``shape`` is (C, H, W),
    outside as inside; each channel is standardised by its ``mean`` and ``scale``."""

    mean: tuple[float, ...] = field(repr=False)
    scale: tuple[float, ...] = field(repr=False)

    def check(self) -> None:
        super().check()
        if len(self.shape) != 3 or not len(self.mean) == len(self.scale) == self.shape[0]:
            raise self._impossible("shape", "(channels, height, width), and units for each channel")
        _check_units(self)

    @property
    def user_shape(self) -> tuple[int, ...]:
        return self.shape

    @property
    def bin_width(self) -> None:
        return None

    @property
    def log_volume(self) -> float:
        return -sum(math.log(scale) for scale in self.scale) * self.dim / self.shape[0]

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


def _check_units(spec: VectorSpec | FeatureMapSpec) -> None:
    """Raise `UserError` for units that no number can be brought to."""
    if not all(map(math.isfinite, spec.mean)):
        raise spec._impossible("mean", "finite numbers")
    if not all(math.isfinite(scale) and scale > 0 for scale in spec.scale):
        raise spec._impossible("scale", "finite numbers above 0")


def _digest(image: Array) -> int:
    return int.from_bytes(
        hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=8).digest(), "little"
    )
