"""Rows of a table whose columns are of different kinds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ..errors import UserError
from ..processes import rows_of_batch
from .base import Array, DataSpec
from .columns import Column

_MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # splitmix64; Steele, Lea & Flood 2014
_STEP = 0x9E3779B97F4A7C15


@dataclass(frozen=True, kw_only=True)
class TableSpec(DataSpec):
    """Rows (D,) of numbers that stand for what ``fields`` say, one for each column, NaN where a
    value is missing. Inside, each column is one standard normal number (`core.spec.columns`).

    The chance that this takes is drawn anew for each training batch, and fixed by the content of
    the row otherwise.
    """

    fields: tuple[Column, ...] = field(repr=False)

    def check(self) -> None:
        super().check()
        if self.shape != (len(self.fields),):
            raise self.impossible("shape", f"as many as its {len(self.fields)} columns")
        for column in self.fields:
            if trouble := column.check():
                raise UserError(f"the data's column {column.name!r} is damaged: {trouble}")

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.fields)

    @property
    def dequantised(self) -> bool:
        return any(
            column.step > 0 or column.missing > 0 or column.low == column.high
            for column in self.fields
        )

    def log_volume(self, values: Array) -> Tensor:
        return self.log_volumes(values).sum(1).float()

    def log_volumes(self, values: Array) -> Tensor:
        """log |d inside / d user| of each column, (n, D)."""
        values = self.checked(values)
        z = self.to_internal(values).double().numpy()
        each = [column.log_volume(values[:, i], z[:, i]) for i, column in enumerate(self.fields)]
        return torch.from_numpy(np.stack(each, 1))

    def checked(self, values: Array) -> Array:
        """``values`` as rows. Raises `UserError` on another shape, and on what is missing in a
        column where nothing was."""
        given = np.asarray(values, dtype=np.float64)
        if given.shape[1:] != self.user_shape:
            return super().checked(values)
        gone = np.isnan(given).sum(0).tolist()
        for column, count in zip(self.fields, gone, strict=True):
            if count and not column.missing:
                raise UserError(
                    f"column {column.name!r} has {count:,} missing value{'s' * (count > 1)}"
                    " (NaN); the model was fitted on a column without: fill or remove them"
                )
        if np.isinf(given).any():
            raise UserError("the data holds infinite values (inf); remove or replace them first")
        return given

    def to_internal(self, values: Array) -> Tensor:
        values = self.checked(values)
        return self._inside(values, _chance(values))

    def draw_internal(self, values: Array) -> Tensor:
        values = self.checked(values)
        chance = rows_of_batch(
            lambda n: torch.rand(n, values.shape[1], dtype=torch.float64), len(values)
        )
        return self._inside(values, chance.numpy())

    def to_user(self, x: Tensor) -> Array:
        z = x.detach().double().cpu().numpy()
        columns = [column.from_normal(z[:, i]) for i, column in enumerate(self.fields)]
        return np.stack(columns, 1).astype(self.dtype)

    def _inside(self, values: Array, chance: Array) -> Tensor:
        columns = [
            column.to_normal(values[:, i], chance[:, i]) for i, column in enumerate(self.fields)
        ]
        return torch.from_numpy(np.stack(columns, 1)).float()


def _chance(values: Array) -> Array:
    """Numbers in [0, 1) that are a function of the row they stand in, and of their column."""
    bits = np.where(np.isnan(values), np.nan, values + 0.0).view(np.uint64)  # one NaN, one zero
    row = np.zeros(len(values), np.uint64)
    with np.errstate(over="ignore"):
        for column in bits.T:
            row = _mixed(row + column + np.uint64(_STEP))
        each = row[:, None] + np.arange(1, values.shape[1] + 1, dtype=np.uint64) * np.uint64(_STEP)
        mixed = _mixed(each)
    chance: Array = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return chance


def _mixed(x: Array) -> Array:
    for shift, factor in zip((30, 27), _MIX, strict=True):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    mixed: Array = x ^ (x >> np.uint64(31))
    return mixed
