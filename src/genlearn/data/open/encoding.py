"""Bytes to text: by the byte order mark where there is one, else UTF-8, else what it looks like.

A mark decides (Unicode 16, section 23.8). Bytes that are valid UTF-8 are hardly ever anything else.
UTF-16 without a mark shows by its zero bytes, every other one in Latin scripts. What is left is
read as Windows-1252, a superset of Latin-1, which is a guess and is told.
"""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 4096  # bytes
_ZEROS = 0.4  # share of the bytes at odd or even places, from which they are halves of characters


def decode(content: bytes) -> tuple[str, str]:
    """The text, without its mark, and a line on the encoding where that was guessed, else "".
    Raises UnicodeError, a ValueError, where the bytes are not what their mark says."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding), ""
    if encoding := _unmarked_utf16(content):
        return content.decode(encoding), f"read as {encoding.upper()}, by its zero bytes"
    try:
        return content.decode(), ""
    except UnicodeDecodeError:
        try:
            return content.decode("cp1252"), "not UTF-8: read as Windows-1252"
        except UnicodeDecodeError:
            return content.decode("latin-1"), "not UTF-8: read as Latin-1"


def _unmarked_utf16(content: bytes) -> str:
    head = content[:_LOOKED_AT]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = head[first::2].count(0), head[1 - first :: 2].count(0)
        if len(content) % 2 == 0 and zeros > _ZEROS * len(head) / 2 and not others:
            return encoding
    return ""
