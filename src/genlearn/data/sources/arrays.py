"""Numbers in memory: what becomes an array, which arrays are images, which are tables, and which
are neither."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ...core.errors import UserError
from ..dataset import Array, Dataset, blocks
from ..open.labels import attach, check_length, encode, remarks
from ..open.options import Options
from ..prepare.resize import resized
from ..prepare.value_range import ValueRange, depth_note, image_spec, value_range
from ..vector_spec import vector_spec
from .base import Source
from .dataframes import DataFrameSource

_MOST_CHANNELS = 4


class NotNumbers(UserError, TypeError):
    """An object that no number can be read from; a `TypeError` too, as NumPy and scikit-learn have
    it."""


@dataclass(frozen=True)
class ArraySource(Source):
    """Arrays by split; a single one without splits is named ''. ``names``: what the labels stand
    for. ``extent``: a known range."""

    values: dict[str, Any]
    labels: dict[str, Any]
    names: Sequence[str] = ()
    extent: ValueRange | None = None

    def splits(self) -> list[str]:
        return [name for name in self.values if name]

    def read(self, split: str | None, options: Options) -> Dataset:
        if split is None and len(self.values) > 1:
            raise UserError(
                "this data comes in parts of different kinds; choose one with split=:"
                f" {', '.join(self.values)}"
            )
        name = split or next(iter(self.values))
        return from_array(
            self.values[name], self.labels.get(name), options, names=self.names, extent=self.extent
        )


def from_array(
    values: Any,
    labels: Any,
    options: Options,
    *,
    names: Sequence[str] = (),
    extent: ValueRange | None = None,
) -> Dataset:
    """A dataset of images (N, H, W), (N, H, W, C) or of rows (N, D), or of a structured array (N,),
    whose fields are columns. Raises `UserError` for anything else."""
    if isinstance(values, np.ndarray) and values.dtype.names and values.ndim == 1:
        return _from_records(values, labels, options, names)
    values = as_array(values)
    _check_shape(values)
    strange = _not_finite(values)
    if strange and not options.lenient:
        raise UserError(f"{strange}; remove or fill them first")
    given = None if labels is None else encode(labels, names)
    if given is not None:
        check_length(given[0], len(values))
    indices, classes = given or (None, ())
    notes = (
        *(() if labels is None else remarks(labels, names)),
        *((strange,) if strange else ()),
    )
    if values.ndim == 2:
        _check_table_options(options)
        return Dataset(
            values=values, spec=vector_spec(values, classes=classes), labels=indices, notes=notes
        )
    if options.size not in (None, values.shape[1:3]):
        h, w = options.size or (0, 0)
        notes = (*notes, f"resized from {values.shape[2]}x{values.shape[1]} to {w}x{h}")
        values = resized(values, (h, w))
    extent = extent or value_range(values)
    notes = (*notes, *filter(None, [depth_note(extent, values.dtype)]))
    spec = image_spec(values, extent, classes=classes, binarise=options.binarise)
    return Dataset(values=values, spec=spec, labels=indices, notes=notes)


def _from_records(values: Array, labels: Any, options: Options, names: Sequence[str]) -> Dataset:
    import pandas as pd

    data = DataFrameSource(pd.DataFrame(values), tuple(names)).read(None, options)
    return data if labels is None else attach(data, labels, names)


def as_array(values: Any) -> Array:
    """A real-valued array of ``values``: an array, tensor or nested list. Raises `UserError`."""
    scipy = sys.modules.get("scipy.sparse")
    if scipy is not None and scipy.issparse(values):
        raise UserError("sparse data was given; a dense array is needed: use X.toarray()")
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        values = (values.float() if values.dtype == torch.bfloat16 else values).numpy()
    try:
        array: Array = values if isinstance(values, np.ndarray) else np.asarray(values)
    except (ValueError, TypeError) as error:
        raise UserError(
            f"a list that is no array was given ({error}); all examples must have one shape"
        ) from None
    return _real(array)


def _real(array: Array) -> Array:
    if array.dtype.kind == "c":
        raise UserError(
            "Complex data not supported: give real and imaginary parts as columns of their own"
        )
    if array.dtype.kind in "Mm":
        raise UserError(
            f"dates or times were given ({array.dtype}); give them as numbers, for instance days:"
            " X.astype('datetime64[D]').astype(int)"
        )
    if isinstance(array, np.ma.MaskedArray):
        array = (
            np.where(np.ma.getmaskarray(array), np.nan, array.data)
            if np.ma.is_masked(array)
            else array.data
        )
    if array.dtype.kind in "biuf":
        return _native(array)
    try:
        return array.astype(np.float64)
    except TypeError as error:
        raise NotNumbers(
            "the data holds things that are not numbers; each argument must be a string or a"
            f" number ({error})"
        ) from None
    except ValueError as error:
        raise UserError(
            f"the data holds things that are not numbers ({error}); give an array of numbers"
        ) from None


def _native(array: Array) -> Array:
    """Numbers in the order of bytes of this machine, at most in double precision, which is all that
    networks read."""
    kind = array.dtype.newbyteorder("=")
    kind = np.dtype(np.float64) if kind.kind == "f" and kind.itemsize > 8 else kind
    return array if array.dtype == kind and array.dtype.isnative else array.astype(kind)


def _check_shape(values: Array) -> None:
    if values.ndim < 2:
        raise UserError(
            f"an array of shape {values.shape} was given; examples go along the first axis. Reshape"
            " your data: X.reshape(-1, 1) for one column, X.reshape(1, -1) for one example"
        )
    if values.ndim > 4:
        raise UserError(
            f"an array of shape {values.shape} was given; (N, D), (N, H, W) or (N, H, W, C) is"
            " needed"
        )
    if len(values) == 0:
        raise UserError(
            f"Found array with 0 sample(s) (shape={values.shape}) while a minimum of 1 is required."
        )
    if 0 in values.shape:
        raise UserError(
            f"Found array with 0 feature(s) (shape={values.shape}) while a minimum of 1 is"
            " required."
        )
    if values.ndim == 4 and values.shape[1] <= _MOST_CHANNELS < values.shape[3]:
        raise UserError(
            f"images of shape {values.shape} were given, channels first; channels go last: use"
            " X.transpose(0, 2, 3, 1)"
        )


def _not_finite(values: Array) -> str | None:
    """How many values are NaN or infinite, and where; None where there are none."""
    per_column = (
        sum((~np.isfinite(block)).sum(0) for block in blocks(values))
        if values.dtype.kind == "f"
        else 0
    )
    if not np.any(per_column):
        return None
    rows = np.concatenate(
        [(~np.isfinite(block)).any(axis=tuple(range(1, values.ndim))) for block in blocks(values)]
    )
    where = (
        f"columns {_some(np.flatnonzero(per_column))}"
        if values.ndim == 2
        else f"images {_some(np.flatnonzero(rows))}"
    )
    return (
        f"{int(np.sum(per_column))} values are NaN or infinite (inf), in {int(rows.sum())} of"
        f" {len(values)} examples ({where})"
    )


def _check_table_options(options: Options) -> None:
    asked = (
        "resolution"
        if options.resolution
        else "binarise"
        if options.binarise != "none"
        else "label"
        if options.label
        else ""
    )
    if asked == "label":
        raise UserError(
            f"label={options.label!r} was given; an array has no column names, pass labels= instead"
        )
    if asked:
        raise UserError(
            f"{asked} was given; it is for images, and this data is a table (N, D). Reshape it to"
            " (N, H, W) if it holds images"
        )


def _some(indices: Array) -> str:
    return ", ".join(str(i) for i in indices[:5]) + (", ..." if len(indices) > 5 else "")
