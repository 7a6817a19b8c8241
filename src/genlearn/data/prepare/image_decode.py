"""One image file: what it is, and its pixels.

Four kinds of pixels are kept, PIL's modes L (grey), I;16 (16-bit grey), RGB and RGBA; everything
else maps to one of them. Orientation that a camera noted in EXIF is applied. A decoder that meets a
bad file fails in many ways; all of them become one `Unreadable` with a reason.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ..dataset import Array
from .resize import fit, fit_numbers

Payload = Path | bytes | Image.Image
Size = tuple[int, int]

_ORIENTATION = 0x0112
_SIDEWAYS = 5
_WIDE_GREY = ("I;16", "I;16L", "I;16B", "I;16N", "I")
_DTYPES = {"L": "u1", "I;16": "u2", "RGB": "u1", "RGBA": "u1"}
# A JPEG is decoded at a half, a quarter or an eighth where that is still twice the wanted size:
# Lanczos then sees all it would have used.
_DRAFT_MARGIN = 2


class Unreadable(Exception):
    """A file that no image can be read from; its text is the reason, in a few words."""


@dataclass(frozen=True)
class ImageHeader:
    """What the header of a file tells: pixel kind, PIL's own mode, and (height, width) as seen
    upright."""

    kind: str
    mode: str
    size: Size


@dataclass(frozen=True)
class DecodeTarget:
    """What all images of a set are brought to."""

    kind: str
    size: Size

    @property
    def dtype(self) -> str:
        return _DTYPES[self.kind]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.size if self.kind in ("L", "I;16") else (*self.size, len(self.kind))


def read_header(payload: Payload) -> ImageHeader:
    """Read the header only. Raises `Unreadable`."""
    with _opened(payload) as image:
        h, w = image.height, image.width
        upright = (
            image.format not in ("JPEG", "MPO", "TIFF")
            or image.getexif().get(_ORIENTATION, 1) < _SIDEWAYS
        )
        return ImageHeader(_kind(image), image.mode, (h, w) if upright else (w, h))


def decode_image(payload: Payload, target: DecodeTarget) -> Array:
    """Decode to an array of ``target.shape``. Raises `Unreadable`."""
    with _opened(payload) as image:
        if image.format == "JPEG":
            image.draft(None, (_DRAFT_MARGIN * max(target.size),) * 2)
        image.load()
        upright = (
            ImageOps.exif_transpose(image)
            if image.format != "PNG" or "exif" in image.info
            else image
        )
        return (
            _wide(upright, target.size)
            if target.kind == "I;16"
            else np.asarray(fit(_converted(upright, target.kind), target.size))
        )


@contextmanager
def _opened(payload: Payload) -> Iterator[Image.Image]:
    try:
        with _open(payload) as image:
            yield image
    except Unreadable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable("too many pixels") from None
    except UnidentifiedImageError:
        raise Unreadable("empty" if _is_empty(payload) else "not an image") from None
    except PermissionError:
        raise Unreadable("permission denied") from None
    except FileNotFoundError:
        raise Unreadable("missing") from None
    except MemoryError:
        raise Unreadable("too large for memory") from None
    # Decoders of damaged data raise whatever they stumble over: OSError, SyntaxError, ValueError,
    # struct.error, ZeroDivisionError...
    except Exception as error:
        raise Unreadable(_reason(error)) from None


def _open(payload: Payload) -> Image.Image:
    if isinstance(payload, Image.Image):
        return payload.copy()
    return Image.open(io.BytesIO(payload) if isinstance(payload, bytes) else payload)


def _is_empty(payload: Payload) -> bool:
    return (
        (payload.stat().st_size == 0)
        if isinstance(payload, Path)
        else isinstance(payload, bytes) and not payload
    )


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return (
        "truncated"
        if "truncated" in text or "Truncated" in text or "unexpected end" in text
        else f"damaged: {text[:80]}"
    )


def _kind(image: Image.Image) -> str:
    if image.mode in _WIDE_GREY:
        return "I;16"
    if image.mode == "F":
        raise Unreadable("pixels are 32-bit floats: save it with 8 or 16 bits, or pass an array")
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        return "RGBA"
    return "L" if image.mode in ("L", "1") else "RGB"


def _converted(image: Image.Image, kind: str) -> Image.Image:
    if image.mode == kind:
        return image
    if image.mode in _WIDE_GREY:
        image = Image.fromarray((_wide_pixels(image) >> 8).astype(np.uint8))
    return image.convert(kind)


def _wide(image: Image.Image, size: Size) -> Array:
    """16-bit grey; 8-bit grey is spread over the whole range (255 becomes 65535)."""
    pixels = (
        _wide_pixels(image)
        if image.mode in _WIDE_GREY
        else np.asarray(image.convert("L")).astype(np.uint16) * 257
    )
    return pixels if pixels.shape == size else fit_numbers(pixels, size)


def _wide_pixels(image: Image.Image) -> Array:
    pixels = np.asarray(image)
    if pixels.min() < 0 or pixels.max() > np.iinfo(np.uint16).max:
        raise Unreadable("pixels of more than 16 bits")
    return pixels.astype(np.uint16)
