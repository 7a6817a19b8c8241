"""Words of a prompt that no caption has, each with the nearest that one has.

A language model reads them all the same, and may know that scarlet is a red; but a word that was
mistyped leads nowhere, which is told before anybody wonders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from difflib import get_close_matches

_WORD = re.compile(r"[^\W\d_]+")
_SMALL = {"a", "an", "and", "are", "at", "for", "in", "is", "of", "on", "or", "the", "to", "with"}


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of ``texts``, in small letters."""
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold()))


def unknown_words(texts: Iterable[str], known: Set[str]) -> list[str]:
    """A sentence for each word of ``texts`` that is not ``known``; articles and the like, which
    captions often lack, are passed by."""
    asked = {
        word: None
        for text in texts
        for word in _WORD.findall(text.casefold())
        if word not in known and word not in _SMALL
    }
    return [_told(word, known) for word in asked]


def _told(word: str, known: Set[str]) -> str:
    near = get_close_matches(word, sorted(known), n=1)
    return f"no caption contains {word!r}" + (f"; nearest: {near[0]!r}" if near else "")
