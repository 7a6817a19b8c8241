"""What the codes of an autoencoder look like, as data of their own."""

from __future__ import annotations

import numpy as np

from ..core.capabilities import Array
from ..core.spec import DataSpec, FeatureMapSpec
from .vector_spec import vector_spec


def code_spec(spec: DataSpec, shape: tuple[int, ...], values: Array | None = None) -> DataSpec:
    """What codes of ``shape`` look like: grids (C, H, W), or rows, each channel or column with the
    mean and scale that it has in ``values``."""
    if len(shape) == 1:
        return vector_spec(
            np.zeros((2, *shape)) if values is None else values,
            classes=spec.classes,
            captions=spec.captions,
        )
    channels = (
        np.zeros((2, shape[0]))
        if values is None
        else values.transpose(0, 2, 3, 1).reshape(-1, shape[0])
    )
    mean, scale = channels.mean(0, dtype=np.float64), channels.std(0, dtype=np.float64)
    return FeatureMapSpec(
        shape=shape,
        dtype="float16",
        classes=spec.classes,
        captions=spec.captions,
        mean=tuple(mean.tolist()),
        scale=tuple(np.where(scale > 1e-6, scale, 1.0).tolist()),
    )


def code_names(numbers: int) -> list[str]:
    """The names of the numbers of a code, as columns: z0, z1, ..."""
    return [f"z{i}" for i in range(numbers)]
