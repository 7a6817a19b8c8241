"""Text that others wrote, such as names and captions, made fit to be written and printed."""

from __future__ import annotations

import re

_SURROGATES = re.compile("[\ud800-\udfff]")
_LONGEST = 600  # characters of a line


def writable(text: str) -> str:
    r"""``text`` with bytes that were no UTF-8 as \xe9, and halves of characters as \ud83d: a file
    so called can be opened, and its name not be written."""
    return _SURROGATES.sub(_escape, text)


def escaped(text: str) -> str:
    """``text`` that is `writable`, with escapes in place of control characters, which could steer a
    terminal; lines stay lines."""
    text = writable(text)
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one == "\n" else one.encode("unicode_escape").decode()
        for one in text
    )


def printable(text: str) -> str:
    """``text`` as one line that is safe to print (`escaped`); the middle of a long one is left
    out."""
    line = " ".join(text.splitlines()) if "\n" in text else text
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST // 2]} ... {line[-_LONGEST // 2 :]}"
    return escaped(line)


def _escape(half: re.Match[str]) -> str:
    number = ord(half[0])
    return rf"\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else rf"\u{number:04x}"
