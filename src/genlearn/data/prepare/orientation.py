"""Which way is up: cameras store what the sensor saw, and in the metadata (EXIF, XMP) how to turn
it.

Reference: CIPA DC-008 (Exif 3.0), tag 274, values 1 to 8; from 5 on, height and width change
places. PNG may keep its metadata behind the pixels (PNG 3rd edition, 11.3.4.5).
"""

from __future__ import annotations

from contextlib import suppress

from PIL import Image, ImageOps

_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_PIXELS, _METADATA = b"IDAT", (b"eXIf", b"iTXt", b"zTXt", b"tEXt")


def upright_size(image: Image.Image) -> tuple[int, int]:
    """(height, width) after `turn_upright`, told without decoding wherever that is possible."""
    w, h = image.size
    if image.format == "TIFF":  # PIL turns these itself, and tells the size after that
        return h, w
    if image.format == "PNG" and "exif" not in image.info and _has_late_metadata(image):
        image.load()
    turned = False
    with suppress(Exception):  # metadata that cannot be read leaves the image as it is
        # PNG's own `getexif` would decode every image that has no EXIF
        turned = Image.Image.getexif(image).get(_ORIENTATION) in _SIDEWAYS
    return (w, h) if turned else (h, w)


def turn_upright(image: Image.Image) -> None:
    """Decode ``image`` and turn it, in place."""
    image.load()
    with suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)


def _has_late_metadata(image: Image.Image) -> bool:
    """Whether a PNG has metadata after its pixels; reads the heads of its chunks."""
    file = getattr(image, "fp", None)
    if file is None:
        return False
    before, seen = file.tell(), False
    try:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            seen = seen or head[4:] == _PIXELS
            if seen and head[4:] in _METADATA:
                return True
            file.seek(int.from_bytes(head[:4], "big") + 4, 1)
        return False
    finally:
        file.seek(before)
