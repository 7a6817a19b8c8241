"""Which image a name means that is written beside them.

The same name is written in several ways: with backslashes (Windows), in another Unicode form
(macOS decomposes, UAX #15), in bytes that are no UTF-8. These differences mean nothing. Case and
percent signs (RFC 3986) may, so they are looked past only where that leaves one image.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from urllib.parse import unquote


class NameIndex:
    """Images by name."""

    def __init__(self, images: Iterable[str]) -> None:
        self._plain = {name: name for name in images}
        self._same: dict[str, str] = {}
        for name in self._plain:
            self._same.setdefault(same(name), name)

    def find(self, folder: str, written: str) -> tuple[str | None, bool]:
        """The image that ``written`` means in a file in ``folder``, and whether that is a guess."""
        name = posixpath.join(folder, written)
        exact = self._plain.get(name) or self._same.get(same(name))
        if exact:
            return exact, False
        found = self._alike.get(alike(name), set())
        return (next(iter(found)), True) if len(found) == 1 else (None, False)

    @cached_property
    def _alike(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for name in self._plain:
            found[alike(name)].add(name)
        return dict(found)


def same(name: str) -> str:
    """One form of all names that mean the same for certain."""
    try:
        text = name.encode().decode()
    except UnicodeEncodeError:  # bytes that are no UTF-8
        text = name.encode(errors="surrogateescape").decode("cp1252", "replace")
    return posixpath.normpath(unicodedata.normalize("NFC", text.strip().replace("\\", "/")))


def alike(name: str) -> str:
    """One form of all names that may mean the same."""
    return same(unquote(same(name))).casefold()
