"""What must be told of all pieces together: classes, captions, notes, the kind of pixels.

Classes go by name. Where the pieces name the same ones, their order stays; else they are in order
of number where all of them are numbers, and in alphabetical order otherwise. Labels that some
examples lack are left out, as in one folder. Where nothing but folders tells classes, those of all
pieces are looked at together: a piece of one class does not know that it is one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ...core.errors import UserError
from ..dataset import Array
from ..folders.layout import class_folders
from ..folders.names import some
from ..open.labels import encode
from .piece import Stored

_LOST = "labels left out: {} of {} parts have none: {}"


@dataclass(frozen=True)
class Classes:
    """``names`` of all classes, and ``of``, which gives the labels of a piece in them; no ``of``
    where there are none."""

    names: tuple[str, ...] = ()
    of: Callable[[int], Array] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pieces:
    """All ``stored`` pieces, in order, each of a unit called by ``units``."""

    stored: list[Stored]
    units: list[str]

    def classes(self) -> Classes:
        """The classes that all pieces together have."""
        full = [i for i, piece in enumerate(self.stored) if piece.files]
        if all(self.stored[i].about.get("folders") is not None for i in full):
            return self._by_folder(full)
        labelled = [i for i in full if self._said(i)]
        if len(labelled) < len(full):
            without = [self.units[i] for i in full if not self._said(i)]
            note = _LOST.format(len(without), len(full), some(dict.fromkeys(without)))
            return Classes(notes=(note,) if labelled else ())
        return self._by_name(full)

    def notes(self) -> list[str]:
        """What is told of the units, by name where they are several."""
        named = len({*self.units}) > 1
        lines = (
            f"{unit}: {note}" if named else note
            for unit, piece in zip(self.units, self.stored, strict=True)
            for note in piece.about["notes"]
        )
        return [*dict.fromkeys(lines), *self._without_captions()]

    def captions(self) -> Iterator[str]:
        """Those of all examples; "" where one has none."""
        for piece in self.stored:
            captions = piece.captions
            yield from [""] * len(piece) if captions is None else captions

    @property
    def captioned(self) -> bool:
        """Whether any example has a caption."""
        return any(piece.captions is not None for piece in self.stored)

    def _said(self, i: int) -> bool:
        """Whether something beside folders tells the classes of piece ``i``."""
        piece = self.stored[i]
        return piece.labels is not None and piece.about.get("folders") is None

    def _without_captions(self) -> list[str]:
        bare = [
            unit
            for unit, piece in zip(self.units, self.stored, strict=True)
            if len(piece) and piece.captions is None
        ]
        if not bare or not self.captioned:
            return []
        return [f"{len(bare)} of {len(self.stored)} parts have no captions: {some([*bare])}"]

    def _by_name(self, full: list[int]) -> Classes:
        lists = {i: tuple(self.stored[i].about["classes"]) for i in full}
        names = _order({*lists.values()})
        places = {name: place for place, name in enumerate(names)}

        def of(i: int) -> Array:
            labels = self.stored[i].labels
            if labels is None or i not in lists:
                return np.zeros(0, np.int64)
            return np.array([places[name] for name in lists[i]], np.int64)[labels]

        return Classes(names, of)

    def _by_folder(self, full: list[int]) -> Classes:
        """As `ImageFolderSource` does with the folders of one tree."""
        inner = {
            i: [
                posixpath.join(posixpath.dirname(self.units[i]), folder, "image").lstrip("/")
                for folder in self.stored[i].about["folders"]
            ]
            for i in full
        }
        every = sorted({name for names in inner.values() for name in names})
        _, tops = class_folders(every)
        if len({*tops} - {""}) < 2:
            return Classes()
        if "" in tops:
            return Classes(notes=("no classes: some images lie outside the sub-folders",))
        encoded = encode(tops)
        assert encoded is not None  # names of folders are classes
        known = dict(zip(every, encoded[0], strict=True))

        def of(i: int) -> Array:
            numbers = self._folders(i)
            return np.array([known[name] for name in inner[i]], np.int64)[numbers]

        return Classes(encoded[1], lambda i: of(i) if i in inner else np.zeros(0, np.int64))

    def _folders(self, i: int) -> Array:
        numbers = self.stored[i].folders
        assert numbers is not None  # by `classes`
        return numbers


def _order(lists: set[tuple[str, ...]]) -> tuple[str, ...]:
    """One order of all names in ``lists``."""
    if len(lists) == 1:
        return next(iter(lists))
    names = {name for one in lists for name in one}
    numbers = all(name.isdecimal() for name in names)
    ascending = numbers and all([*map(int, one)] == sorted(map(int, one)) for one in lists)
    return tuple(sorted(names, key=int if ascending else None))


def check_alike(pieces: Pieces) -> str:
    """Whether all pieces are "images" or "rows". Raises `UserError` where some are and others not,
    or where their rows are of other columns."""
    kinds: dict[str, str] = {}
    parts: dict[tuple[str, ...], str] = {}
    for unit, piece in zip(pieces.units, pieces.stored, strict=True):
        kinds.setdefault("images" if "images" in piece.about else "rows", unit)
        parts.setdefault(tuple(piece.about.get("splits", ())), unit)
    if len(parts) > 1:
        told = [f"{unit} {' and '.join(names) or 'none'}" for names, unit in parts.items()]
        raise UserError(
            f"not all have the same parts: {', '.join(told)}; pack them alike, or name by --split"
            " one that all have"
        )
    if len(kinds) > 1:
        raise UserError(
            f"{kinds['images']} holds images and {kinds['rows']} rows; prepare them one by one"
        )
    return next(iter(kinds))
