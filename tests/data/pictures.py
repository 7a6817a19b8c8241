"""Image files that PIL reads and cannot write."""

import struct
import zlib

import numpy as np


def wide_png(pixels, late=()):
    """A PNG of 16 bits, (H, W, channels), with chunks (kind, content) ``late`` at its end."""
    h, w, channels = pixels.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return _png(struct.pack(">IIBBBBB", w, h, 16, colour, 0, 0, 0), rows, late)


def with_late_chunk(png, kind, content):
    """A PNG with one more chunk at its end."""
    return png[:-12] + _chunk(kind, content) + png[-12:]


def _png(head, rows, late):
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), *late, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind, content):
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def wide_tiff(pixels, order):
    """A TIFF of 16 bits, (H, W, channels), with bytes in the order "<" or ">"."""
    h, w, channels = pixels.shape
    bits = 8 + 2 + 12 * 9 + 4
    fields = [(256, 3, 1, w), (257, 3, 1, h), (258, 3, channels, bits), (259, 3, 1, 1)]
    fields += [(262, 3, 1, 2), (273, 4, 1, bits + 2 * channels), (277, 3, 1, channels)]
    fields += [(278, 3, 1, h), (279, 4, 1, pixels.nbytes)]
    content = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(fields))
    for tag, kind, count, value in fields:
        content += struct.pack(order + "HHI", tag, kind, count)
        if kind == 3 and count == 1:
            content += struct.pack(order + "HH", value, 0)
        else:
            content += struct.pack(order + "I", value)
    content += struct.pack(order + "I", 0) + struct.pack(f"{order}{channels}H", *[16] * channels)
    return content + np.ascontiguousarray(pixels).astype(order + "u2").tobytes()
