"""Reconstruction error: how much of an example survives the way through its code.

Squared error of x against decode(encode(x)), with the range of an image counted as 1 and the columns of a table standardised. Given for each
number of x and summed over an example, because papers quote both and they differ by the number of pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.capabilities import Encodes, Examples
from ..core.spec import DataSpec, ImageSpec, VectorSpec

_CHUNK = 1000


def reconstruction(model: Encodes, data: Examples, n: int) -> dict[str, Any]:
    """Mean squared error over the first ``n`` examples, with its standard error."""
    errors = np.concatenate([_errors(model, data, start, min(start + _CHUNK, n)) for start in range(0, n, _CHUNK)])
    each, spread = float(errors.mean()), float(errors.std() / np.sqrt(n))
    return {"per_number": each, "standard_error": spread, "summed": each * data.spec.dim, "n": n}


def _errors(model: Encodes, data: Examples, start: int, end: int) -> Any:
    values = data.spec.to_user(data.spec.to_internal(data.user(slice(start, end))))  # as the model sees them: binarised, if it does
    difference = model.reconstruct(values).astype(np.float64) - values.astype(np.float64)
    return np.square(difference / _unit(data.spec)).reshape(end - start, -1).mean(1)


def _unit(spec: DataSpec) -> Any:
    if isinstance(spec, ImageSpec):
        return spec.high - spec.low
    assert isinstance(spec, VectorSpec)
    return np.array(spec.scale)
