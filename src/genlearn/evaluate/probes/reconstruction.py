"""Reconstruction error: how much of an example survives the way through its code.

Squared error of x against decode(encode(x)), with the range of an image counted as 1 and the
columns of a table standardised. Given for each number of x and summed over an example, because
papers quote both and they differ by the number of pixels.

Pitfalls: larger codes reconstruct better, so that models compare at equal size of code; the squared
error prefers blur to a sharp guess; a model that reconstructs everything, noise too, has learned to
copy and not what data is like.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.capabilities import DatasetProtocol, Encodes
from ...core.spec import DataSpec, ImageSpec, TableSpec, VectorSpec
from ...data.columns.frames import as_numbers
from ..metric import Metric, MetricValue

METRICS = (
    Metric(
        key="reconstruction",
        title="Reconstruction error",
        group="reconstruction",
        better="lower",
        meaning=(
            "Mean squared difference between held-out data and what its codes decode to; range of"
            " images, or spread of columns, counted as 1."
        ),
        ideal=0.0,
        headline=True,
    ),
)

_CHUNK = 1000


def figures(model: Encodes, data: DatasetProtocol) -> dict[str, MetricValue]:
    """Mean squared error for each number over all of ``data``, with the normal interval; nothing if
    there is none."""
    n = len(data)
    if not n:
        return {}
    errors = errors_of(model, data, n)
    mean, half = float(errors.mean()), 1.96 * float(errors.std()) / np.sqrt(n)
    return {"reconstruction": MetricValue(mean, float(max(0, mean - half)), float(mean + half), n)}


def errors_of(model: Encodes, data: DatasetProtocol, n: int) -> Any:
    """Mean squared error of each of the first ``n`` examples, shape (n,)."""
    return np.concatenate(
        [_errors(model, data, start, min(start + _CHUNK, n)) for start in range(0, n, _CHUNK)]
    )


def _errors(model: Encodes, data: DatasetProtocol, start: int, end: int) -> Any:
    # as the model sees them: binarised, if it does
    values = data.spec.to_user(data.spec.to_internal(data.user(slice(start, end))))
    found = as_numbers(model.reconstruct(values), data.spec)
    if isinstance(data.spec, TableSpec):
        return table_errors(found, values, data.spec).mean(1)
    difference = found.astype(np.float64) - values.astype(np.float64)
    return np.square(difference / _unit(data.spec)).reshape(end - start, -1).mean(1)


def table_errors(found: Any, values: Any, spec: TableSpec) -> Any:
    """Squared errors in variances of each column, (n, D); of a level, and of what is missing in one
    of both alone, 1."""
    gone = np.isnan(found), np.isnan(values)
    errors = np.square((found - values) / [column.scale for column in spec.fields])
    levelled = np.array([column.levelled for column in spec.fields])
    wrong = (gone[0] != gone[1]) | (levelled & (found != values))
    return np.where(gone[0] & gone[1], 0.0, np.where(wrong | levelled | gone[0], wrong, errors))


def _unit(spec: DataSpec) -> Any:
    if isinstance(spec, ImageSpec):
        return spec.high - spec.low
    assert isinstance(spec, VectorSpec)
    return np.array(spec.scale)
