"""Images as PNG, of 8 or 16 bits a channel.

PIL writes all of them but colour of 16 bits, which takes a few lines: a header, the rows as they
are, each behind its filter (none), and an end.

Reference: PNG (W3C, 3rd edition), 5 (chunks), 11.2.1 (IHDR).
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..core.disk.atomic import write_bytes
from ..core.image_grid import encoded

_COLOURS = {3: 2, 4: 6}  # PNG's number for RGB, RGBA
CHANNELS = (1, *_COLOURS)


def png(pixels: NDArray[Any]) -> bytes:
    """The file of an image (H, W) or (H, W, 3 or 4), uint8 or uint16."""
    if pixels.dtype == np.uint16 and pixels.ndim == 3:
        return _wide_colour(pixels)
    return encoded(Image.fromarray(pixels))


def write_png(picture: Image.Image, place: Path) -> None:
    """``picture`` to ``place``, whole or not at all."""
    write_bytes(place, encoded(picture, optimize=True))


def _wide_colour(pixels: NDArray[Any]) -> bytes:
    height, width, channels = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 16, _COLOURS[channels], 0, 0, 0)
    rows = pixels.astype(">u2").reshape(height, -1).view(np.uint8)
    filtered = np.pad(rows, ((0, 0), (1, 0)))
    chunks = {b"IHDR": head, b"IDAT": zlib.compress(filtered.tobytes()), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks.items())


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
