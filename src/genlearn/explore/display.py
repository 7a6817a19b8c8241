"""`genlearn.show`: examples as a notebook displays them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from ..core.errors import UserError
from ..core.image_grid import image_grid
from ..core.spec import DataSpec, ImageSpec, TableSpec
from ..data import Dataset, open_data
from ..data.columns.frames import to_frame
from ..data.open.dispatch import is_data_frame
from ..data.vector_spec import column_names

_MOST = 400  # images of a picture
_COLOURS = (3, 4)


def show(values: Any, spec: DataSpec | None = None, *, columns: int | None = None) -> Any:
    """``values`` as something that a notebook displays: a PIL image of images in a grid of
    ``columns``, a data-frame of a table.

    ``values`` are examples in the user's units, as ``sample`` gives them and ``fit`` takes them:
    images (n, H, W) or (n, H, W, C), one image (H, W, 3 or 4), rows (n, columns), a data-frame,
    prepared data or what it is opened from. ``spec``, such as ``model.spec_``, says what they hold,
    and one example may be without its axis then; otherwise the range of images is read from the
    values. Raises `UserError` for what is neither. Of more than 400 images the first 400 are shown,
    with a warning.
    """
    if is_data_frame(values) or isinstance(values, Image.Image):
        return values
    if isinstance(values, (str, Path)):
        values = open_data(values)
    if isinstance(values, Dataset):
        values, spec = values.user(slice(0, len(values))), values.spec
    values = np.asarray(values)
    spec = spec or _spec_of(values)
    if isinstance(spec, ImageSpec):
        return _picture(_batch(values, spec), spec, columns)
    rows = _batch(values, spec)
    if isinstance(spec, TableSpec):
        return to_frame(rows, spec)
    return pd.DataFrame(rows.reshape(len(rows), -1), columns=column_names(spec))


def _batch(values: Any, spec: DataSpec) -> Any:
    """Examples (n, *user_shape), of one too."""
    shape = spec.user_shape
    whole = values[None] if values.shape == shape else values
    if whole.shape[1:] != shape:
        raise UserError(
            f"values of shape {values.shape} were given; examples of this spec have shape"
            f" (n, {', '.join(map(str, shape))})"
        )
    return whole


def _spec_of(values: Any) -> DataSpec:
    """What the values hold, as `fit` would take them."""
    if not values.size:
        raise UserError("nothing was given to show; give at least one example")
    one = values.ndim == 3 and values.shape[-1] in _COLOURS
    return open_data(values[None] if one else values).spec


def _picture(values: Any, spec: ImageSpec, columns: int | None) -> Any:
    if len(values) > _MOST:
        warnings.warn(f"the first {_MOST} of {len(values):,} images are shown", stacklevel=4)
    if columns is not None and columns < 1:
        raise UserError(f"columns={columns} was given; it is at least 1")
    return image_grid(values[:_MOST], spec, columns)
