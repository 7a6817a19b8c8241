"""An image as its file holds it: every pixel exactly, or a reason why it cannot be had so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..core.capabilities import Array
from ..data.prepare.full_depth import WIDE_GREY, is_wide_colour, loses_depth
from ..data.prepare.open_image import Payload, Unreadable, open_image
from ..data.prepare.orientation import turn_upright

MODES = ("L", "RGB", "RGBA", "LA", "1")  # that 8 bits a channel hold exactly
_ABOUT = ("exif", "icc_profile", "xmp")  # what a file may say beside its pixels


@dataclass(frozen=True)
class StoredImage:
    """``pixels`` uint8 (H, W, 4), red, green, blue and how opaque; ``mode``, of `MODES`: which of
    them the file told; ``about``: whether it holds metadata."""

    pixels: Array
    mode: str
    about: bool

    def fits(self, channels: int) -> bool:
        """Whether so many channels tell all pixels."""
        opaque = channels == 4 or bool((self.pixels[..., 3] == 255).all())
        grey = channels > 1 or bool((self.pixels[..., :3] == self.pixels[..., :1]).all())
        return opaque and grey


def as_stored(payload: Payload) -> StoredImage:
    """The image of a file, upright. Raises `Unreadable`, also for what 8 bits do not hold."""
    with open_image(payload) as image:
        if getattr(image, "n_frames", 1) > 1:
            raise Unreadable("several frames")
        if image.mode in (*WIDE_GREY, "F") or is_wide_colour(image) or loses_depth(image):
            raise Unreadable("more than 8 bits a channel")
        about = any(image.info.get(name) for name in _ABOUT)
        turn_upright(image)
        mode = _mode(image)
        wanted = image if image.mode == mode else image.convert(mode)
        return StoredImage(np.asarray(wanted.convert("RGBA")), mode, about)


def as_pixels(values: Array) -> Array:
    """(H, W) or (H, W, 1, 3 or 4) as (H, W, 4)."""
    planes = values[..., None] if values.ndim == 2 else values
    planes = planes.repeat(3, -1) if planes.shape[-1] == 1 else planes
    opaque = np.full_like(planes[..., :1], 255)
    return planes if planes.shape[-1] == 4 else np.concatenate([planes, opaque], -1)


def restored(pixels: Array, mode: str) -> Image.Image:
    """The image of ``mode`` whose `StoredImage` has ``pixels`` (H, W, 4)."""
    channels = {"L": [0], "1": [0], "LA": [0, 3], "RGB": [0, 1, 2], "RGBA": [0, 1, 2, 3]}[mode]
    chosen = np.ascontiguousarray(pixels[..., channels])
    plain = Image.fromarray(chosen[..., 0] if len(channels) == 1 else chosen)
    return plain.convert("1") if mode == "1" else plain


def _mode(image: Image.Image) -> str:
    if "transparency" in image.info:
        return "RGBA"
    if image.mode == "P":
        return "RGB"
    if image.mode not in MODES:
        raise Unreadable(f"colours of the kind {image.mode}")
    return image.mode
