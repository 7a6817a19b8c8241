"""The captions that a model has learned from: their words, and some of them to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ...core.errors import UserError
from ...data.text.unknown_words import unknown_words, words_of
from ..held import Held
from ..library.library import Library
from ..library.origins import open_origin
from ..library.runs import RunFolder
from .asked import Asked

_FEW = 12
_HELD = 8  # data sets whose captions are remembered


@dataclass(frozen=True)
class _Captions:
    texts: tuple[str, ...]

    @cached_property
    def words(self) -> frozenset[str]:
        return words_of(self.texts)


_held: Held[_Captions] = Held(_HELD)


def told(library: Library, run: RunFolder, asked: Asked) -> list[str]:
    """A sentence for each word of what was ``asked`` that no caption contains; none where the
    captions are not known."""
    if asked.grid is None or not (known := _captions(library, run).words):
        return []
    return unknown_words([*asked.grid.texts, str(asked.options.get("negative", ""))], known)


def some_captions(library: Library, run: RunFolder, text: str) -> list[str]:
    """A few captions that contain ``text``, from all over the data."""
    sought = text.strip().casefold()
    found = [one for one in _captions(library, run).texts if sought in one.casefold()]
    return found[:: max(1, len(found) // _FEW)][:_FEW]


def _captions(library: Library, run: RunFolder) -> _Captions:
    """Those of the data of ``run``, each once; none where it went elsewhere."""
    key = (str(run.path), str(run.data["fingerprint"]))

    def find() -> _Captions | None:
        try:
            return _Captions(tuple(dict.fromkeys(open_origin(library, run).captions or ())))
        except UserError:
            return None

    return _held.get(key, find) or _Captions(())
