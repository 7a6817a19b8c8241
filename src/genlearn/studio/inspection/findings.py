"""What an inspection has found, as it is kept and shown."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ...core.errors import UserError
from ...core.spec import DataSpec

FORMAT = 1  # of what is kept; findings of another are made anew
DOCUMENT, CAPTIONS, PIXELS = "found.json", "captions.json", "pixels.npy"
SPEC = "spec.json"
SHEET, CARD = "sheet.png", "card.png"


class Bars(msgspec.Struct, frozen=True):
    """A column's distribution: heights of its bars, and what stands below the first and the
    last."""

    counts: list[int]
    first: str = ""
    last: str = ""


class ColumnFound(msgspec.Struct, frozen=True):
    """A column of a table: ``about`` says its values in words, ``missing`` how many rows have
    none."""

    name: str
    kind: str
    about: str
    bars: Bars
    missing: str = ""
    constant: bool = False


class Problem(msgspec.Struct, frozen=True):
    """What is wrong in ``text``, what to do about it in ``mend``; ``names`` of what it is about.
    ``option``: the choice of how data is read that mends it."""

    text: str
    mend: str
    names: list[str] = []
    option: str = ""


class Findings(msgspec.Struct, frozen=True):
    """``what`` in a line; ``kind`` is "images" or "table". ``sheet`` and ``card`` are the sizes
    (width, height) of the pictures, where there are some. ``captions``: how many examples have one,
    of which ``shown`` have a picture.

    ``left_out``: columns of a table that are not learned from; ``header`` and ``rows`` are its
    first rows. ``splits`` and ``written``: what can be chosen of
    how it is read.
    """

    format: int
    kind: str
    what: str
    count: int
    facts: list[tuple[str, str]]
    classes: dict[str, int]
    captions: int
    shown: int
    columns: list[ColumnFound]
    left_out: list[str]
    header: list[str]
    rows: list[list[str]]
    problems: list[Problem]
    notes: list[str]
    splits: list[str]
    written: list[str]
    sheet: tuple[int, int] | None = None
    card: tuple[int, int] | None = None


class Choices(msgspec.Struct, frozen=True):
    """What can be chosen of how data is read, as far as that is known: parts, and names of options
    of `open_data`."""

    splits: list[str] = []
    written: list[str] = []


def read_spec(folder: Path) -> DataSpec | None:
    """What models take the data in ``folder`` for; None where that was not kept."""
    try:
        return DataSpec.from_json(msgspec.json.decode((folder / SPEC).read_bytes(), type=dict))
    except (OSError, msgspec.DecodeError, UserError):
        return None


def read_findings(folder: Path) -> Findings | None:
    """Those that were kept in ``folder``; None where there are none of this format."""
    try:
        found = msgspec.json.decode((folder / DOCUMENT).read_bytes(), type=Findings)
    except (OSError, msgspec.DecodeError):
        return None
    return found if found.format == FORMAT else None
