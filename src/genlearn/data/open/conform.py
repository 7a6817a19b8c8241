"""Data of the kind that a model was fitted on: the same size, the same channels, the same columns.

What can be converted without guessing is: grey to colour and back, transparency laid on white,
columns read by name, classes numbered anew by name. The rest is left as it is, and the spec's own
check says what does not fit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...core.errors import UserError
from ...core.spec import DataSpec, ImageSpec, TableSpec, VectorSpec
from ..columns.frames import from_frame, to_frame
from ..dataset import Array, Dataset
from ..prepare.colour import LUMA
from .labels import renumbered

_KINDS = {
    ImageSpec: "images",
    VectorSpec: "rows of numbers",
    TableSpec: "rows of a table",
}


def conform(data: Dataset, spec: DataSpec) -> Dataset:
    """``data`` with the channels or columns of ``spec``, and with ``spec``; classes that only
    ``data`` has come after those of ``spec``. Raises `UserError` for the wrong kind, and missing
    columns."""
    if isinstance(spec, ImageSpec) and isinstance(data.spec, ImageSpec):
        values = _channels(data.values, data.spec, spec)
    elif isinstance(spec, TableSpec) and isinstance(data.spec, (TableSpec, VectorSpec)):
        data = _as_table(data, spec)
        values = data.values
    elif isinstance(spec, VectorSpec) and isinstance(data.spec, (TableSpec, VectorSpec)):
        values = _as_numbers(data, spec)
    else:
        raise UserError(
            f"{_KINDS[type(data.spec)]} were given; the model was fitted on {_KINDS[type(spec)]}"
        )
    if values.shape[1:] != spec.user_shape:
        raise UserError(
            f"examples of shape {values.shape[1:]} were given; the model was fitted on"
            f" {spec.user_shape}"
        )
    labels, classes = data.labels, spec.classes
    if labels is not None:
        labels, classes = renumbered(labels, data.spec.classes, classes)
    return replace(
        data,
        values=values,
        labels=labels,
        spec=replace(spec, classes=classes),
        digest=None if values is not data.values else data.digest,
    )


def _as_table(data: Dataset, spec: TableSpec) -> Dataset:
    """``data`` in the columns of ``spec``; an array has them in their order, as numbers that stand
    for them."""
    if isinstance(data.spec, VectorSpec):
        return replace(data, values=spec.checked(data.values))
    assert isinstance(data.spec, TableSpec)
    if data.spec.fields == spec.fields:
        spec.checked(data.values)
        return data
    values, notes = from_frame(to_frame(data.values, data.spec), spec)
    return replace(data, values=spec.checked(values), notes=(*data.notes, *notes))


def _channels(values: Array, given: ImageSpec, spec: ImageSpec) -> Array:
    _check_range(values, given, spec)
    if given.user_shape == spec.user_shape:
        return values
    pixels, dtype = values if given.channel_axis else values[..., None], values.dtype
    if pixels.shape[-1] == 4 and spec.shape[0] != 4:
        alpha = pixels[..., 3:] / given.high
        pixels = (pixels[..., :3] * alpha + given.high * (1 - alpha)).round().astype(dtype)
    if pixels.shape[-1] == 3 and spec.shape[0] == 1:
        pixels = (pixels @ LUMA).round().astype(dtype)[..., None]
    if pixels.shape[-1] == 1 and spec.shape[0] == 3:
        pixels = pixels.repeat(3, axis=-1)
    return pixels if spec.channel_axis else pixels[..., 0]


def _as_numbers(data: Dataset, spec: VectorSpec) -> Array:
    """Rows for a model of an array: in their order, columns of numbers alone."""
    assert isinstance(data.spec, (TableSpec, VectorSpec))
    fields = data.spec.fields if isinstance(data.spec, TableSpec) else ()
    for field in fields:
        if field.kind not in ("continuous", "integer", "boolean"):
            raise UserError(
                f"column {field.name!r} holds {field.kind} values; the model was fitted on an array"
                " of numbers: give numbers alone, or fit it on the table"
            )
    return _as(data.values, spec)


def _as(values: Array, spec: VectorSpec) -> Array:
    """``values`` in the type that was learned from, where that changes none, so that equal rows
    are equal in all respects."""
    if values.dtype == spec.dtype or values.shape[1:] != spec.user_shape:
        return values
    with np.errstate(invalid="ignore", over="ignore"):
        cast = values.astype(spec.dtype)
    return cast if np.array_equal(cast, values) else values


def _check_range(values: Array, given: ImageSpec, spec: ImageSpec) -> None:
    """Raise `UserError` where the values cannot be of the model's scale: beyond its range, or
    fractions for a model of bytes."""
    if (given.low, given.high, given.dtype) == (spec.low, spec.high, spec.dtype) or not len(values):
        return
    low, high = values.min(), values.max()
    fractions = values.dtype.kind == "f" and spec.levels is not None and high <= 1 < spec.high
    if low < spec.low or high > spec.high or fractions:
        raise UserError(
            f"values from {low:g} to {high:g} were given; the model was fitted on {spec.low:g} to"
            f" {spec.high:g}; rescale them first"
        )
