"""One image file: what it is, and its pixels.

Pixels are grey, RGB or RGBA, with 8 or 16 bits a channel; everything else maps to one of these.
Images are turned upright as their cameras noted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..dataset import Array
from .colour import LUMA, to_mode
from .full_depth import HIDDEN, WIDE_GREY, is_wide_colour, loses_depth, wide_pixels
from .open_image import Payload, Unreadable, open_image
from .orientation import turn_upright, upright_size
from .resize import fit, resized

Size = tuple[int, int]

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_NAMES = {1: "grey", 3: "RGB", 4: "RGBA"}
_TRANSPARENT = ("RGBA", "RGBa", "LA", "La", "PA")
# A JPEG is decoded at a half, a quarter or an eighth where that is still twice the wanted size:
# Lanczos then sees all it would have used.
_DRAFT_MARGIN = 2


@dataclass(frozen=True)
class PixelKind:
    """``channels``: 1 (grey), 3 (RGB) or 4 (RGBA), of ``bits`` each, 8 or 16."""

    channels: int
    bits: int

    def __str__(self) -> str:
        return ("16-bit " if self.bits == 16 else "") + _NAMES[self.channels]


@dataclass(frozen=True)
class ImageHeader:
    """What the header of a file tells: pixel kind, PIL's own mode, and (height, width) as seen
    upright; how many ``frames`` there are, and whether it ``loses_depth`` when it is decoded."""

    kind: PixelKind
    mode: str
    size: Size
    frames: int = 1
    loses_depth: bool = False


@dataclass(frozen=True)
class DecodeTarget:
    """What all images of a set are brought to."""

    kind: PixelKind
    size: Size

    @property
    def dtype(self) -> str:
        return "u2" if self.kind.bits == 16 else "u1"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.size if self.kind.channels == 1 else (*self.size, self.kind.channels)


def read_header(payload: Payload) -> ImageHeader:
    """Read the header only. Raises `Unreadable`."""
    # a copy of what the user opened has the 8 bits that PIL gave it
    deep = isinstance(payload, Image.Image) and (is_wide_colour(payload) or loses_depth(payload))
    with open_image(payload) as image:
        kind, deep = _kind(image), deep or loses_depth(image)
        return ImageHeader(kind, image.mode, upright_size(image), _frames(image), deep)


def decode_image(payload: Payload, target: DecodeTarget) -> Array:
    """Decode to an array of ``target.shape``. Raises `Unreadable`."""
    with open_image(payload) as image:
        if target.kind.bits == 16:
            pixels = _with_channels(wide_pixels(image, payload), target.kind.channels)
            return (
                pixels if pixels.shape[:2] == target.size else resized(pixels[None], target.size)[0]
            )
        if image.format == "JPEG":
            image.draft(None, (_DRAFT_MARGIN * max(target.size),) * 2)
        turn_upright(image)
        return np.asarray(fit(to_mode(image, _MODES[target.kind.channels]), target.size))


def _kind(image: Image.Image) -> PixelKind:
    if image.mode in WIDE_GREY:
        return PixelKind(4 if HIDDEN in image.info else 1, 16)
    if image.mode == "F":
        raise Unreadable("pixels are 32-bit floats: save it with 8 or 16 bits, or pass an array")
    if image.mode in _TRANSPARENT or HIDDEN in image.info:
        channels = 4
    else:
        channels = 1 if image.mode in ("L", "1") else 3
    return PixelKind(channels, 16 if is_wide_colour(image) else 8)


def _frames(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # damaged behind its first frame, which alone is read
        return 1


def _with_channels(pixels: Array, channels: int) -> Array:
    """uint16 (H, W) or (H, W, 3 or 4) with as many channels, of which there are at least as many as
    the image needs."""
    if channels == 1:
        return pixels if pixels.ndim == 2 else (pixels[..., :3] @ LUMA).round().astype(np.uint16)
    planes = pixels[..., None].repeat(3, -1) if pixels.ndim == 2 else pixels
    if planes.shape[-1] < channels:
        opaque = np.full_like(planes[..., :1], np.iinfo(np.uint16).max)
        return np.concatenate([planes, opaque], -1)
    return planes[..., :channels]
