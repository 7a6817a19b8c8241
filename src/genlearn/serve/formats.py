"""Examples on the wire: JSON, or the bytes of a NumPy array (application/x-npy)."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
from PIL import Image

from ..core.capabilities import Array
from ..core.disk.arrays import read_array
from ..core.errors import UserError, first_line
from ..core.image_grid import encoded, image_grid
from ..core.spec import DataSpec, ImageSpec, TableSpec

NPY, JSON, PNG = "application/x-npy", "application/json", "image/png"
_OF_PICTURES = (1, 3, 4)  # channels
_MAGIC = b"\x93NUMPY"


def read_json(body: bytes) -> dict[str, Any]:
    """The object in ``body``, {} where there is none. Raises `UserError`."""
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise UserError("the body is no JSON; send an object, such as {}") from None
    if not isinstance(document, dict):
        raise UserError("the body is no object of JSON; send one, such as {}")
    return document


def read_examples(body: bytes) -> Any:
    """What ``body`` has as its examples. Raises `UserError`."""
    document = read_json(body)
    if set(document) != {"examples"}:
        raise UserError(f'{{{", ".join(document)}}} was given; send {{"examples": [...]}}')
    return document["examples"]


def read_npy(body: bytes) -> Array:
    """The array in ``body``. Raises `UserError`."""
    try:
        if not body.startswith(_MAGIC):  # archives are no arrays
            raise ValueError(body[:6])
        return np.asarray(read_array(io.BytesIO(body)))
    except Exception as error:  # of a header that anyone may have written
        why = f"{type(error).__name__}: {first_line(error)}"
        raise UserError(
            f"the body is no array of numbers as numpy.save writes it ({NPY}; {why})"
        ) from None


def written(
    values: Any, spec: DataSpec | None, accept: str, name: str, told: dict[str, Any]
) -> tuple[bytes, str]:
    """Examples of ``spec``, or numbers (None), as bytes of the kind that ``accept`` asks for, and
    that kind: JSON where nothing else is asked for, in which they are called ``name``, and what
    else is ``told`` stands beside. Raises `UserError` for tables that are asked for as an array."""
    if NPY in accept:
        if isinstance(spec, TableSpec):
            raise UserError(f"rows of a table are sent as JSON; leave out Accept: {NPY}")
        file = io.BytesIO()
        np.save(file, np.asarray(values), allow_pickle=False)
        return file.getvalue(), NPY
    if PNG in accept and isinstance(spec, ImageSpec):
        return encoded(image_grid(values, spec)), PNG
    return json.dumps({name: listed(values, spec), **told}, allow_nan=False).encode(), JSON


def listed(values: Any, spec: DataSpec | None) -> Any:
    """``values`` as JSON has them: images as PNG in base64, null for what is no number."""
    if isinstance(spec, TableSpec):
        return json.loads(values.to_json(orient="records", date_format="iso"))
    found = np.asarray(values)
    if isinstance(spec, ImageSpec) and is_picture(spec):
        grey = spec.channel_axis and spec.shape[0] == 1
        pictures = (Image.fromarray(one[..., 0] if grey else one) for one in found)
        return [base64.b64encode(encoded(picture)).decode() for picture in pictures]
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        values = found.astype(object)
        values[~np.isfinite(found)] = None
        return values.tolist()
    return found.tolist()


def is_picture(spec: ImageSpec) -> bool:
    """Whether PNG holds it with nothing lost."""
    return spec.shape[0] in _OF_PICTURES and np.dtype(spec.dtype) == np.uint8
