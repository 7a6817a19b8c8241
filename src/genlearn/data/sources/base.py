"""The one abstraction of this layer: something that data can be read from, in one or several
splits.

A split is a part that its author set aside (train, test, validation). Authors spell them in many
ways, so names are compared by their meaning: ``val``, ``valid`` and ``dev`` all answer to
``validation``, and ``train2017`` and ``train_images`` to ``train``.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from ...core.errors import UserError, first_line, nearest
from ..dataset import Dataset
from ..open.options import Options

_MEANINGS = {
    "train": ("train", "training"),
    "test": ("test", "testing", "t10k", "eval", "evaluation"),
    "validation": ("validation", "val", "valid", "dev"),
}
_CANONICAL = {
    spelling: meaning for meaning, spellings in _MEANINGS.items() for spelling in spellings
}
# train2017 (COCO), train_images, "Training Set"
_DECORATION = re.compile(r"(?<=.)[-_ ]?((19|20)\d\d|[-_ ]?(set|data|images?|imgs?))$")


class Source(ABC):
    """Where data comes from."""

    def splits(self) -> list[str]:
        """Names of the parts there are; empty where the data is one whole. Cheap: reads names
        only."""
        return []

    def written(self) -> tuple[str, ...]:
        """Names of the options on how data is written that make sense here, of
        `options.WRITTEN`."""
        return ()

    @abstractmethod
    def read(self, split: str | None, options: Options) -> Dataset:
        """The examples of ``split``, one of `splits()`, or None for everything."""


class SourceKind(Protocol):
    """A kind of thing that `open_data` takes. A package adds one through the entry points
    "genlearn.sources"."""

    def accepts(self, given: Any) -> bool:
        """Whether ``given``, an object, a path or any other text, is of this kind. Cheap, and
        without an error for whatever is given."""

    def open(self, given: Any) -> Source:
        """What can be read from ``given``. Raises `UserError` where that is not possible."""


def meaning(name: str) -> str:
    """``train``, ``test`` or ``validation`` where ``name`` is a spelling of one of these, else
    ``name`` in lower case."""
    return _CANONICAL.get(_bare(name), name.lower())


def brief(error: Exception) -> str:
    """The first line of an error's text, cut where it is long."""
    return first_line(error)[:120]


def is_split(name: str) -> bool:
    """Whether ``name`` is a usual name of a split."""
    return _bare(name) in _CANONICAL


def _bare(name: str) -> str:
    return _DECORATION.sub("", name.lower())


def choose(split: str | None, known: Sequence[str]) -> str | None:
    """The member of ``known`` that was asked for; by default the training part. Raises `UserError`
    where there is no such split."""
    wanted = meaning("train" if split is None else split)
    found = next((name for name in known if meaning(name) == wanted), None)
    if found is None and split is not None:
        raise UserError(
            f"split={split!r} was given;"
            f" {nearest(split, known) if known else 'this data has no splits, leave it out'}"
        )
    return found
