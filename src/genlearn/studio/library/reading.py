"""How data is read where a guess would be wrong: chosen once on its page, remembered for all that
is done with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from ...core.disk.atomic import write_bytes
from ...core.errors import UserError
from ...data.open.options import LARGEST_SIDE
from .datasets import DataSource
from .library import Library

_LONGEST = 200  # characters of an option


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of `open_data`, "" where they are left to what the data says: ``resolution`` as "64"
    or "48x64", ``header`` as "yes" or "no", ``kinds`` what columns hold by name."""

    split: str = ""
    resolution: str = ""
    label: str = ""
    header: str = ""
    delimiter: str = ""
    decimal: str = ""
    key: str = ""
    kinds: dict[str, str] = {}

    def __post_init__(self) -> None:
        """Raises `UserError` for what no data can be read by."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            words = [*value.keys(), *value.values()] if isinstance(value, dict) else [value]
            if any(len(word) > _LONGEST or "\0" in word for word in words):
                raise UserError(f"{name} is too long; give at most {_LONGEST} characters")
        if self.resolution:
            sides_of(self.resolution)
        if self.header not in ("", "yes", "no"):
            raise UserError(f"header={self.header!r} was given; choose yes or no")
        if self.decimal not in ("", ".", ","):
            raise UserError(f"decimal={self.decimal!r} was given; choose . or ,")

    @property
    def arguments(self) -> list[str]:
        """Flags of the command line."""
        texts = ("split", "resolution", "label", "delimiter", "decimal", "key")
        given = [(f"--{name}", getattr(self, name)) for name in texts]
        kinds = [("--column-kind", f"{name}={kind}") for name, kind in self.kinds.items()]
        flags = [part for pair in [*given, *kinds] if pair[1] for part in pair]
        return flags + {"yes": ["--header"], "no": ["--no-header"], "": []}[self.header]

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of `open_data`; those that are left to the data are not there."""
        texts = ("split", "label", "delimiter", "decimal", "key", "kinds")
        given = {name: getattr(self, name) for name in texts if getattr(self, name)}
        given |= {"resolution": sides_of(self.resolution)} if self.resolution else {}
        return given | ({"header": self.header == "yes"} if self.header else {})


def remembered(library: Library, source: DataSource) -> Reading:
    """What was chosen for ``source``; nothing where what was written down is damaged."""
    try:
        return msgspec.json.decode(_file(library, source).read_bytes(), type=Reading)
    except (OSError, msgspec.DecodeError, UserError):
        return Reading()


def remember(library: Library, source: DataSource, reading: Reading) -> None:
    """Read ``source`` so from now on."""
    if reading == Reading():
        _file(library, source).unlink(missing_ok=True)
    else:
        write_bytes(_file(library, source), msgspec.json.encode(reading))


def reading_arguments(library: Library, source: DataSource) -> list[str]:
    """The flags of the command line by which ``source`` is read as was chosen, such as ["--label",
    "kind"]."""
    return remembered(library, source).arguments


def sides_of(text: str) -> int | tuple[int, int]:
    """ "64" or "48x64", height x width, as numbers. Raises `UserError` for anything else."""
    found = re.fullmatch(r"(\d{1,6})(?:x(\d{1,6}))?", text.strip().lower(), re.ASCII)
    sides = [int(side) for side in found.groups() if side] if found else []
    if not sides or not all(1 <= side <= LARGEST_SIDE for side in sides):
        raise UserError(
            f"resolution={text[:40]!r} was given; it is a number of pixels from 1 to"
            f" {LARGEST_SIDE:,}, or two as 48x64 (height x width)"
        )
    return sides[0] if len(sides) == 1 else (sides[0], sides[1])


def _file(library: Library, source: DataSource) -> Path:
    return library.own / "data" / f"{source.id}.json"
