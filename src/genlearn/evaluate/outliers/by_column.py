r"""Which value of a row is out of place, given the others.

Where a model knows each column given all others, it is the surprise

    -log p(x_j | x_1 .. x_(j-1), x_(j+1) .. x_D)

beyond its median over reference rows: a density has the unit of its column, which the median takes
off. Of other models, it is how far the value is from what comes back of the row, from its code or
as if under noise, in root mean squares of the reference rows' errors (levels that differ are one
deviation apart).

Pitfalls: a wrong value makes others of its row look wrong, those that it goes with; the largest of
many columns is large by chance; what comes back from a code has seen the wrong value itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.capabilities import Array, DatasetProtocol, Encodes, Restores, ScoresColumns
from ...core.spec import Column, DataSpec, TableSpec, VectorSpec
from ...data.columns.frames import as_numbers, to_series
from ...data.vector_spec import column_names
from ..probes.profiling import is_bijective
from ..probes.reconstruction import table_errors
from .reference import Reference

_CHUNK = 1000
_NOISE = 1.0  # that a row is taken to be under, in standard deviations of each column


@dataclass(frozen=True, eq=False)
class ByColumn:
    """``surprise`` (n, D) of the values of rows; ``unit`` says what it is in."""

    surprise: Array
    unit: str

    @property
    def worst(self) -> Array:
        """The number of the column whose value is the most surprising, (n,)."""
        return np.asarray(self.surprise.argmax(1))


def by_column(model: Any, data: DatasetProtocol, reference: Reference) -> ByColumn | None:
    """How surprising each value of ``data`` is beside the others of its row; None where the data
    has no columns, or the model tells nothing of them."""
    spec = data.spec
    if not isinstance(spec, (TableSpec, VectorSpec)) or spec.dim < 2:
        return None
    if isinstance(model, ScoresColumns):
        own = -_in_parts(model.score_columns, reference.examples)
        return ByColumn(
            -_in_parts(model.score_columns, data) - np.median(own, 0), "nats more than usual"
        )
    if not isinstance(model, Restores) and not _squeezes(model, spec):
        return None

    def errors(values: Array) -> Array:
        return _errors(model, values, spec)

    own = _in_parts(errors, reference.examples)
    usual = np.sqrt((own.sum(0) + 1) / (len(own) + 1))  # as if one more row were off by 1
    return ByColumn(np.sqrt(_in_parts(errors, data)) / usual, "times the usual error")


def value_of(values: Array, i: int, spec: DataSpec) -> str:
    """Name and value of column ``i`` of a row ``values`` (D,), as in the data."""
    name, column = column_names(spec)[i], _column(spec, i)
    if np.isnan(values[i]):
        return f"{name} missing"
    if column is None:
        return f"{name} {values[i]:.6g}"
    return f"{name} {to_series(values[i : i + 1], column).iloc[0]}"


def _column(spec: DataSpec, i: int) -> Column | None:
    return spec.fields[i] if isinstance(spec, TableSpec) else None


def _squeezes(model: Any, spec: DataSpec) -> bool:
    return isinstance(model, Encodes) and not is_bijective(model, spec)


def _errors(model: Any, values: Array, spec: TableSpec | VectorSpec) -> Array:
    """Squared errors of what comes back, in variances, (n, D)."""
    found = (
        model.denoise(values, noise=_NOISE)
        if isinstance(model, Restores)
        else model.reconstruct(values)
    )
    found = as_numbers(found, spec)
    if isinstance(spec, TableSpec):
        return np.asarray(table_errors(found, values, spec))
    return np.asarray(np.square((found - values.astype(np.float64)) / np.array(spec.scale)))


def _in_parts(function: Any, data: DatasetProtocol) -> Array:
    parts = [
        np.asarray(function(data.user(slice(start, start + _CHUNK))))
        for start in range(0, len(data), _CHUNK)
    ]
    return np.concatenate(parts)
