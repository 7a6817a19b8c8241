"""Pixels of 16 bits a channel. PIL keeps them in grey images and halves them in colour ones.

Its decoders take the upper byte of each 16-bit number, for either order of bytes. Told the other
order, the same decoder takes the lower byte: decoding twice gives both. Planes that are stored
apart are grey images one after the other (PIL takes each of their bytes for a pixel). Grey with
transparency has four bytes a pixel, as RGBA of 8 bits has, and is decoded as that. A binary PPM
holds its numbers as they are. What none of this gives (planes apart that are packed, JPEG 2000 and
AVIF in colour) is read with 8 bits, and its header says so.
"""

from __future__ import annotations

import math
import re
import sys
from typing import Any

import numpy as np
from PIL import Image

from ..dataset import Array
from .colour import on_screen, to_mode
from .open_image import Payload, Unreadable, open_image
from .orientation import turn_upright

WIDE_GREY = ("I;16", "I;16L", "I;16B", "I;16N", "I")
HIDDEN = "transparency"  # PIL's note of the one value or colour that is not seen
_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_WIDE = re.compile("(RGB|RGBA|RGBX|RGBa|CMYK);16([LBN])")
_GREY_ALPHA = "LA;16B"
_PPM, _PPM_TEXT = "ppm", "ppm_plain"  # PIL's decoders
_BITS, _PHOTOMETRIC, _PLANAR = 258, 262, 284  # TIFF's tags
_WHITE_IS_ZERO, _APART = 0, 2
_HEAD = 1 << 16  # bytes in which a coded image tells its depth
_TOP = 65535


def is_wide_colour(image: Image.Image) -> bool:
    """Whether the file of ``image``, not decoded yet, holds colour of 16 bits that can be had."""
    raw = _raw_mode(image)
    if raw == _GREY_ALPHA or _planes(image):
        return True
    both = bool(_WIDE.fullmatch(raw)) and _tag(image, _PLANAR) != _APART
    return both or (image.mode == "RGB" and _is_deep_ppm(image))


def loses_depth(image: Image.Image) -> bool:
    """Whether the file holds more than 8 bits of which 8 are read."""
    deep = _WIDE.fullmatch(_raw_mode(image)) or _is_deep_ppm(image, _PPM_TEXT)
    if not (deep or _is_deeply_coded(image)):
        return False
    return image.mode not in WIDE_GREY and not is_wide_colour(image)


def wide_pixels(image: Image.Image, payload: Payload) -> Array:
    """The pixels of ``image``, opened from ``payload``: upright, uint16 (H, W) or (H, W, 3 or 4);
    those of 8 bits are spread over the whole range (255 becomes 65535). Raises `Unreadable`."""
    hidden = image.info.get(HIDDEN)
    if _is_deep_ppm(image):
        return _ppm_pixels(image)
    if is_wide_colour(image):
        return _seen(_colour(image, payload), hidden)
    turn_upright(image)
    if image.mode in WIDE_GREY:
        return _seen(_grey(image), hidden)
    plain = hidden is None and image.mode in ("L", "RGB", "RGBA")
    pixels = np.asarray(image if plain else to_mode(image, "RGBA"))
    return pixels.astype(np.uint16) * (_TOP // 255)


def _colour(image: Image.Image, payload: Payload) -> Array:
    raw = _raw_mode(image)
    if planes := _planes(image):
        numbers = [_decoded(payload, "I;16", *plane) for plane in planes.items()]
        return on_screen(np.stack(numbers, -1), "".join(planes))
    if raw == _GREY_ALPHA:
        pairs = np.ascontiguousarray(_decoded(payload, "RGBA", raw, "RGBA")).view(">u2")
        return pairs[..., [0, 0, 0, 1]].astype(np.uint16)
    kind, order = raw.split(";16")
    stored = kind.upper()  # RGBa, RGBA multiplied by its alpha, would be divided byte by byte
    upper, lower = (
        _decoded(payload, image.mode, raw, f"{stored};16{half}").astype(np.uint16)
        for half in (order, _OTHER_ORDER[order])
    )
    return on_screen(upper << 8 | lower, kind)


def _decoded(payload: Payload, mode: str, raw: str, as_raw: str) -> Array:
    """The pixels of ``payload`` in PIL's ``mode``, where what is stored as ``raw``, and nothing
    else, is taken for ``as_raw``."""
    with open_image(payload) as image:
        image._mode = mode
        tiles = image.tile  # type: ignore[attr-defined]
        image.tile = [  # type: ignore[attr-defined]
            _stored_as(tile, as_raw) for tile in tiles if _raw_of(tile) == raw
        ]
        turn_upright(image)
        return np.asarray(image)


def _planes(image: Image.Image) -> dict[str, str]:
    """The channels whose numbers of 16 bits are stored apart, and plainly, with the raw mode of
    each as a grey image; none where they are not."""
    names = dict.fromkeys(_raw_of(tile) for tile in getattr(image, "tile", ()))
    apart = _tag(image, _PLANAR) == _APART and _tile(image)[0] == "raw"
    if not apart or set(_tag(image, _BITS) or ()) != {16} or max(map(len, names)) > 1:
        return {}
    order = "I;16B" if getattr(image, "tag_v2").prefix == b"MM" else "I;16"  # noqa: B009
    return dict.fromkeys(names, order)


def _grey(image: Image.Image) -> Array:
    pixels = np.asarray(image)
    if pixels.min() < 0 or pixels.max() > _TOP:
        raise Unreadable("pixels outside 0 to 65535")
    white = _tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO
    return (_TOP - pixels if white else pixels).astype(np.uint16)


def _seen(pixels: Array, hidden: Any) -> Array:
    """``pixels``, without the value or colour ``hidden`` where there is one."""
    if hidden is None or pixels.shape[2:] == (4,):
        return pixels
    colours = pixels if pixels.ndim == 3 else pixels[..., None].repeat(3, -1)
    shown = (colours != np.asarray(hidden)).any(-1, keepdims=True)
    return np.concatenate([colours, shown.astype(np.uint16) * _TOP], -1)


def _ppm_pixels(image: Any) -> Array:
    (w, h), (_, _, offset, _) = image.size, image.tile[0]
    shape = (h, w, 3) if image.mode == "RGB" else (h, w)
    image.fp.seek(offset)
    content = image.fp.read(2 * math.prod(shape))
    if len(content) < 2 * math.prod(shape):
        raise Unreadable("truncated")
    return np.frombuffer(content, ">u2").reshape(shape).astype(np.uint16)


def _tag(image: Any, tag: int) -> Any:
    """What a TIFF says under ``tag``; None where it says nothing, or ``image`` is no TIFF."""
    return getattr(image, "tag_v2", {}).get(tag)


def _tile(image: Any) -> tuple[str, Any]:
    """The decoder that reads ``image``, and its arguments."""
    tiles = getattr(image, "tile", None)
    return (tiles[0][0], tiles[0][3]) if tiles else ("", None)


def _raw_mode(image: Any) -> str:
    """How the file of ``image`` stores its pixels, in PIL's words."""
    tiles = getattr(image, "tile", None)
    return _raw_of(tiles[0]) if tiles else ""


def _raw_of(tile: Any) -> str:
    mode = tile[3][0] if isinstance(tile[3], tuple) and tile[3] else tile[3]
    return mode if isinstance(mode, str) else ""


def _stored_as(tile: Any, raw: str) -> Any:
    return tile._replace(args=(raw, *tile.args[1:]) if isinstance(tile.args, tuple) else raw)


def _is_deep_ppm(image: Image.Image, decoder: str = _PPM) -> bool:
    name, args = _tile(image)
    return name == decoder and args[-1] > 255


def _is_deeply_coded(image: Image.Image) -> bool:
    """Whether an image in JPEG 2000 (ISO 15444-1, A.5.1) or AVIF (AV1-ISOBMFF, 2.3.3) has more than
    8 bits a channel."""
    file = getattr(image, "fp", None)
    if image.format not in ("JPEG2000", "AVIF") or file is None:
        return False
    before = file.tell()
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(before)
    if image.format == "AVIF":
        _, found, settings = head.partition(b"av1C")
        return bool(found) and bool(settings[2] & 0x40)
    _, found, sizes = head.partition(b"\xff\x4f\xff\x51")
    return bool(found) and (sizes[38] & 0x7F) + 1 > 8
