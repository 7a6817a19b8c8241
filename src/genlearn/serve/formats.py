"""Examples on the wire: JSON, or the bytes of a NumPy array (application/x-npy)."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
from PIL import Image

from ..core.capabilities import Array
from ..core.errors import UserError
from ..core.image_grid import encoded, image_grid
from ..core.spec import DataSpec, ImageSpec, TableSpec

NPY, JSON, PNG = "application/x-npy", "application/json", "image/png"
_OF_PICTURES = (1, 3, 4)  # channels


def read_json(body: bytes) -> dict[str, Any]:
    """The object in ``body``, {} where there is none. Raises `UserError`."""
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise UserError("the body is no JSON; send an object, such as {}") from None
    if not isinstance(document, dict):
        raise UserError("the body is no object of JSON; send one, such as {}")
    return document


def read_npy(body: bytes) -> Array:
    """The array in ``body``. Raises `UserError`."""
    try:
        return np.asarray(np.load(io.BytesIO(body), allow_pickle=False))
    except (ValueError, OSError, EOFError, MemoryError):
        raise UserError(
            f"the body is no array of numbers as numpy.save writes it ({NPY})"
        ) from None


def written(values: Any, spec: DataSpec | None, accept: str) -> tuple[bytes, str]:
    """Examples of ``spec``, or numbers (None), as bytes of the kind that ``accept`` asks for, and
    that kind: JSON where nothing else is asked for. Images in JSON are PNG in base64."""
    if NPY in accept:
        file = io.BytesIO()
        np.save(file, np.asarray(values))
        return file.getvalue(), NPY
    if PNG in accept and isinstance(spec, ImageSpec):
        return encoded(image_grid(values, spec)), PNG
    return json.dumps(listed(values, spec)).encode(), JSON


def listed(values: Any, spec: DataSpec | None) -> Any:
    """``values`` as JSON has them."""
    if isinstance(spec, TableSpec):
        return json.loads(values.to_json(orient="records", date_format="iso"))
    if isinstance(spec, ImageSpec) and is_picture(spec):
        pictures = (encoded(Image.fromarray(one.squeeze())) for one in np.asarray(values))
        return [base64.b64encode(picture).decode() for picture in pictures]
    return np.asarray(values).tolist()


def is_picture(spec: ImageSpec) -> bool:
    """Whether PNG holds it with nothing lost."""
    return spec.shape[0] in _OF_PICTURES and np.dtype(spec.dtype) == np.uint8
