"""What every kind of data has, and the way to JSON and back."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..errors import UserError, nearest

Array = NDArray[Any]
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
    def user_shape(self) -> tuple[int, ...]:
        """The shape of one example in the user's units."""
        return self.shape

    @property
    def bin_width(self) -> float | None:
        """The width of one level inside, or None for continuous data."""
        return None

    @property
    def dequantised(self) -> bool:
        """Whether values are given noise inside, so that a log-density is below the logarithm of
        their probability."""
        return self.bin_width is not None

    @abstractmethod
    def log_volume(self, values: Array) -> float | Tensor:
        """log |d inside / d user| at ``values`` (n, *user_shape), summed over all dimensions: (n,),
        or one number for all."""

    @abstractmethod
    def to_internal(self, values: Array) -> Tensor:
        """(n, *user_shape) in the user's units -> float32 (n, *shape). Raises `UserError` on
        another shape or NaN."""

    def draw_internal(self, values: Array) -> Tensor:
        """Like `to_internal` for a training batch: where chance has a part, it is drawn from
        torch's generator."""
        return self.to_internal(values)

    @abstractmethod
    def to_user(self, x: Tensor) -> Array:
        """float (n, *shape) -> (n, *user_shape) in the user's units, dtype and range."""

    def to_json(self) -> dict[str, Any]:
        return {"kind": type(self).__name__, **asdict(self)}

    @staticmethod
    def from_json(fields: dict[str, Any]) -> DataSpec:
        """The spec that `to_json` described. Raises `UserError` for what describes no data."""
        kinds = {kind.__name__: kind for kind in _concrete(DataSpec)}
        kind = fields.get("kind")
        if not isinstance(kind, str) or kind not in kinds:
            raise UserError(f"data of the kind {kind!r} is unknown; {nearest(str(kind), kinds)}")
        try:
            checked = msgspec.convert(fields, kinds[kind])
        except msgspec.ValidationError as error:
            raise UserError(f"the description of the data is damaged: {error}") from None
        rest: dict[str, Any] = {
            k: getattr(checked, k) if isinstance(v, list) else v  # a number stays as it is written
            for k, v in fields.items()
            if k in kinds[kind].__dataclass_fields__
        }
        spec = kinds[kind](**rest)
        spec.check()
        return spec

    def check(self) -> None:
        """Raise `UserError` where no data can be like this."""
        if not self.shape or min(self.shape) < 1:
            raise self.impossible("shape", "sizes of at least 1")
        if self.dtype not in _DTYPES:
            raise self.impossible("dtype", "a type of real numbers")

    def impossible(self, field: str, needed: str) -> UserError:
        """The error that says so."""
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


def _concrete(kind: type[Any]) -> Iterator[type[DataSpec]]:
    """The kinds of data that are ``kind``."""
    for one in kind.__subclasses__():
        yield from _concrete(one) if one.__subclasses__() else (one,)
