"""Small versions of images: each pixel the mean of those that it stands for."""

from __future__ import annotations

from dataclasses import replace

import torch.nn.functional as F
from torch import Tensor

from ..core.errors import UserError
from ..core.spec import DataSpec, ImageSpec
from . import Dataset
from .dataset import scratch

_CHUNK, _LEAST = 512, 4


def downsampled_spec(spec: DataSpec, factor: int) -> ImageSpec:
    """What images of ``spec`` look like at one ``factor``-th of their height and width. Raises
    `UserError` where that cannot be looked at."""
    if not isinstance(spec, ImageSpec) or spec.binarise != "none":
        what = (
            f"examples of shape {spec.user_shape} are no images"
            if not isinstance(spec, ImageSpec)
            else "black and white has no means"
        )
        raise UserError(
            f"{what}, so there are no small ones to be enlarged; give grey or colour images"
        )
    height, width = (side // factor for side in spec.shape[1:])
    if min(height, width) < _LEAST:
        raise UserError(
            f"images of {spec.shape[1]}x{spec.shape[2]} would be {height}x{width} at 1/{factor};"
            f" {_LEAST}x{_LEAST} is the least"
        )
    whole = spec.dtype == "uint8" and (spec.low, spec.high) == (0, 255)
    return replace(
        spec,
        shape=(spec.shape[0], height, width),
        levels=256 if whole else None,
        dtype=spec.dtype if whole else "float32",
    )


def downsample(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """(B, C, H, W) -> (B, *shape), by means."""
    return F.interpolate(x, shape[1:], mode="area")


def upsample(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """(B, C, h, w) -> (B, *shape), without new detail: by bilinear interpolation."""
    return F.interpolate(x, shape[1:], mode="bilinear")


def downsample_dataset(data: Dataset, spec: ImageSpec) -> Dataset:
    """``data`` as images of ``spec``."""
    if data.spec == spec:
        return data
    values = scratch((len(data), *spec.user_shape), spec.dtype)
    for first in range(0, len(data), _CHUNK):
        x = data.spec.to_internal(data.user(slice(first, first + _CHUNK)))
        values[first : first + len(x)] = spec.to_user(downsample(x, spec.shape))
    return Dataset(
        values=values,
        spec=spec,
        labels=data.labels,
        captions=data.captions,
        digest=f"{data.fingerprint} {spec.shape}",
    )
