"""Pixels of 16 bits a channel. PIL keeps them in grey images and halves them in colour ones.

Its decoders take the upper byte of each 16-bit number, for either order of bytes. Told the other
order, the same decoder takes the lower byte: decoding twice gives both. What that cannot be done
for (grey with transparency in PNG, colours for print, planes stored apart) is read with 8 bits, and
its header says so. A binary PPM holds its numbers as they are.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
from PIL import Image

from ..dataset import Array
from .colour import to_mode
from .open_image import Payload, Unreadable, open_image
from .orientation import turn_upright

WIDE_GREY = ("I;16", "I;16L", "I;16B", "I;16N", "I")
_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_COLOURS = ("RGB", "RGBA")
_PPM, _PPM_TEXT = "ppm", "ppm_plain"  # PIL's decoders
_PLANAR, _APART = 284, 2  # TIFF's tag PlanarConfiguration
_TOP = 65535


def is_wide_colour(image: Image.Image) -> bool:
    """Whether the file of ``image``, not decoded yet, holds colour of 16 bits that can be had."""
    kind, _, order = _raw_mode(image).partition(";16")
    apart = getattr(image, "tag_v2", {}).get(_PLANAR) == _APART
    both = kind in _COLOURS and order in _OTHER_ORDER and not apart
    return both or (image.mode == "RGB" and _is_deep_ppm(image))


def loses_depth(image: Image.Image) -> bool:
    """Whether the file holds more than 8 bits of which 8 are read."""
    deep = ";16" in _raw_mode(image) or _is_deep_ppm(image, _PPM_TEXT)
    return deep and image.mode not in WIDE_GREY and not is_wide_colour(image)


def wide_pixels(image: Image.Image, payload: Payload) -> Array:
    """The pixels of ``image``, opened from ``payload``: upright, uint16 (H, W) or (H, W, 3 or 4);
    those of 8 bits are spread over the whole range (255 becomes 65535). Raises `Unreadable`."""
    if _is_deep_ppm(image):
        return _ppm_pixels(image)
    if is_wide_colour(image):
        return _both_bytes(image, payload)
    turn_upright(image)
    if image.mode in WIDE_GREY:
        return _grey(np.asarray(image))
    plain = image if image.mode in ("L", *_COLOURS) else to_mode(image, "RGBA")
    return np.asarray(plain).astype(np.uint16) * (_TOP // 255)


def _both_bytes(image: Image.Image, payload: Payload) -> Array:
    with open_image(payload) as again:
        again.tile = [_other_byte(tile) for tile in again.tile]  # type: ignore[attr-defined]
        turn_upright(again)
        turn_upright(image)
        upper, lower = np.asarray(image, np.uint16), np.asarray(again, np.uint16)
        pixels: Array = upper << 8 | lower
        return pixels


def _grey(pixels: Array) -> Array:
    if pixels.min() < 0 or pixels.max() > _TOP:
        raise Unreadable("pixels outside 0 to 65535")
    return pixels.astype(np.uint16)


def _ppm_pixels(image: Any) -> Array:
    (w, h), (_, _, offset, _) = image.size, image.tile[0]
    shape = (h, w, 3) if image.mode == "RGB" else (h, w)
    image.fp.seek(offset)
    content = image.fp.read(2 * math.prod(shape))
    if len(content) < 2 * math.prod(shape):
        raise Unreadable("truncated")
    return np.frombuffer(content, ">u2").reshape(shape).astype(np.uint16)


def _tile(image: Any) -> tuple[str, Any]:
    """The decoder that reads ``image``, and its arguments."""
    tiles = getattr(image, "tile", None)
    return (tiles[0][0], tiles[0][3]) if tiles else ("", None)


def _raw_mode(image: Image.Image) -> str:
    _, args = _tile(image)
    mode = args[0] if isinstance(args, tuple) and args else args
    return mode if isinstance(mode, str) else ""


def _is_deep_ppm(image: Image.Image, decoder: str = _PPM) -> bool:
    name, args = _tile(image)
    return name == decoder and args[-1] > 255


def _other_byte(tile: Any) -> Any:
    args = tile.args
    mode = args[0] if isinstance(args, tuple) else args
    other = mode[:-1] + _OTHER_ORDER[mode[-1]]
    return tile._replace(args=(other, *args[1:]) if isinstance(args, tuple) else other)
