"""The range of images, read from the data and never assumed.

Two distinct values are two levels, whatever they are. Bytes fill 0..255, except that integers which
never exceed 31 (scikit-learn's digits run to 16) are taken for a range of their own: a photograph
without one pixel above 31 would be black to the eye. Integers up to 255 in a wider type are bytes
all the same. Numbers of 16 bits that never exceed what 10, 12 or 14 bits hold come from sensors of
so many (microscopes, X-ray, cameras) and fill that range, which is told. Floats within [0, 1] or
[-1, 1] keep these ends, and have 256 levels where they lie on the grid that dividing bytes by 255
gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.spec import Binarise, ImageSpec
from ..dataset import Array, blocks

_OWN_RANGE = 31
_MOST_LEVELS = 65536
_SENSOR_BITS = (10, 12, 14)
# float32 numbers k/255 times 255 are off by up to 255 * 2^-24; bytes that were scaled to [-1, 1] by
# twice that.
_GRID_ERROR = 1e-4


@dataclass(frozen=True)
class ValueRange:
    """Values lie in [low, high], on ``levels`` evenly spaced values or anywhere (None)."""

    low: float
    high: float
    levels: int | None


BYTES = ValueRange(0, 255, 256)


def image_spec(
    values: Array,
    extent: ValueRange,
    *,
    classes: tuple[str, ...] = (),
    captions: bool = False,
    binarise: Binarise = "none",
) -> ImageSpec:
    """The spec of images (N, H, W) or (N, H, W, C) with this range."""
    channel_axis = values.ndim == 4
    h, w, c = values.shape[1:] if channel_axis else (*values.shape[1:], 1)
    return ImageSpec(
        shape=(c, h, w),
        dtype=values.dtype.name,
        classes=classes,
        captions=captions,
        low=extent.low,
        high=extent.high,
        levels=extent.levels,
        channel_axis=channel_axis,
        binarise=binarise,
    )


def value_range(values: Array) -> ValueRange:
    """The range of an array of finite numbers, by the rules above."""
    if values.dtype.kind == "b":
        return ValueRange(0, 1, 2)
    if values.dtype == np.uint8 and _plain_bytes(next(blocks(values))):
        return BYTES
    low, high, two, whole = _extent(values)
    if two:
        return ValueRange(low, high, 2)
    return _whole_range(low, high, values.dtype) if whole else _real_range(values, low, high)


def _plain_bytes(block: Array) -> bool:
    return int(block.max()) > _OWN_RANGE and not bool(
        ((block == block.min()) | (block == block.max())).all()
    )


def _extent(values: Array) -> tuple[float, float, bool, bool]:
    """Least and greatest value, whether these two are all there are, and whether all are
    integers."""
    ends: set[float] = set()
    two = whole = True
    for block in map(_finite, blocks(values)):
        least, most = (block.min(), block.max()) if block.size else (np.float64(0), np.float64(0))
        ends |= {least.item(), most.item()}
        two = two and len(ends) < 3 and bool(((block == least) | (block == most)).all())
        whole = whole and (block.dtype.kind != "f" or bool((block == np.rint(block)).all()))
    return min(ends), max(ends), two and len(ends) == 2, whole


def _finite(block: Array) -> Array:
    return block[np.isfinite(block)] if block.dtype.kind == "f" else block


def _whole_range(low: float, high: float, dtype: np.dtype[np.generic]) -> ValueRange:
    if low >= 0 and high <= _OWN_RANGE and not (high == 0 and dtype == np.uint8):
        return ValueRange(0, max(high, 1), int(max(high, 1)) + 1)
    if low >= 0 and high <= 255:
        return BYTES
    if dtype == np.uint16:
        return _words(high)
    low, high = (0, high) if low >= 0 else (low, max(high, low + 1))
    return ValueRange(low, high, int(high - low) + 1 if high - low < _MOST_LEVELS else None)


def _words(high: float) -> ValueRange:
    """The range of 16-bit numbers up to ``high``."""
    bits = next((bits for bits in _SENSOR_BITS if high < 2**bits), 16)
    return ValueRange(0, 2**bits - 1, 2**bits)


def _real_range(values: Array, low: float, high: float) -> ValueRange:
    if low >= -1 and high <= 1:
        low, high = (0.0, 1.0) if low >= 0 else (-1.0, 1.0)
        return ValueRange(low, high, 256 if _on_grid(values, low, high) else None)
    return ValueRange(low, high if high > low else low + 1, None)


def _on_grid(values: Array, low: float, high: float) -> bool:
    scaled = ((block - low) * (255 / (high - low)) for block in blocks(values))
    return all(bool((np.abs(block - np.rint(block)) < _GRID_ERROR).all()) for block in scaled)


def file_range(values: Array) -> ValueRange:
    """The range of prepared image files, whose type says what they may hold; only black-and-white
    and the bits of a sensor are told from the pixels."""
    if values.dtype == np.uint8 and _plain_bytes(next(blocks(values))):
        return BYTES
    low, high, two, _ = _extent(values)
    if two:
        return ValueRange(low, high, 2)
    return BYTES if values.dtype == np.uint8 or 0 < high <= 255 else _words(high or 65535)


def depth_note(extent: ValueRange, dtype: np.dtype[np.generic]) -> str | None:
    """One line where the range of 16-bit numbers is narrower than their type's."""
    if dtype != np.uint16 or extent.levels in (None, 2, 65536):
        return None
    return f"16-bit values never exceed {extent.high:,.0f}: taken for the whole range, 0 to that"
