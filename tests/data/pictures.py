"""Image files that PIL reads and cannot write."""

import struct
import zlib

import numpy as np


def wide_png(pixels, late=(), early=()):
    """A PNG of 16 bits, (H, W, channels), with chunks (kind, content) before its pixels, and at
    its end."""
    h, w, channels = pixels.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return _png(struct.pack(">IIBBBBB", w, h, 16, colour, 0, 0, 0), rows, late, early)


def with_late_chunk(png, kind, content):
    """A PNG with one more chunk at its end."""
    return png[:-12] + _chunk(kind, content) + png[-12:]


def _png(head, rows, late, early):
    pixels = (b"IDAT", zlib.compress(rows))
    chunks = [(b"IHDR", head), *early, pixels, *late, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind, content):
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def wide_tiff(pixels, order, photometric=2, extra=(), apart=False, packed=False):
    """A TIFF of 16 bits, (H, W, channels), with bytes in the order "<" or ">": its channels
    beside those of ``photometric`` are ``extra``, each plane is stored ``apart``, and ``packed`` by
    Deflate."""
    planes = np.moveaxis(pixels, -1, 0) if apart else [pixels]
    strips = [np.ascontiguousarray(plane).astype(order + "u2").tobytes() for plane in planes]
    strips = [zlib.compress(strip) for strip in strips] if packed else strips
    h, w, channels = pixels.shape
    fields = {256: [w], 257: [h], 258: [16] * channels, 259: [8 if packed else 1]}
    fields |= {262: [photometric], 273: [0] * len(strips), 277: [channels], 278: [h]}
    fields |= {279: [len(strip) for strip in strips], 284: [2 if apart else 1]}
    fields |= {338: list(extra)} if extra else {}
    start = len(_directory(fields, order))
    fields[273] = [start + sum(map(len, strips[:i])) for i in range(len(strips))]
    return _directory(fields, order) + b"".join(strips)


def _directory(fields, order):
    """The head of a TIFF, its fields, and those of their values that do not fit in there."""
    content = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(fields))
    beside, start = b"", 8 + 2 + 12 * len(fields) + 4
    for tag, values in sorted(fields.items()):
        kind = "I" if tag in (273, 279) else "H"
        body = struct.pack(f"{order}{len(values)}{kind}", *values)
        content += struct.pack(order + "HHI", tag, 4 if kind == "I" else 3, len(values))
        if len(body) > 4:
            content += struct.pack(order + "I", start + len(beside))
            beside += body
        else:
            content += body.ljust(4, b"\0")
    return content + struct.pack(order + "I", 0) + beside
