"""What one machine does of `genlearn prepare`: its pieces, one after another, each in a folder that
stands in its place when it is whole. So one that was killed goes on where it was.

``OUT/shard-2-of-8/`` holds the pieces of the second of eight machines, and ``shard.json``, which
says of what data and with which options. Nothing in it depends on the others, but for the kind and
size of images, which all of them settle together (`merge`), in ``OUT/settled.json``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.disk.atomic import atomic_folder, write_bytes
from ...core.disk.durable import remove
from ...core.disk.json_text import parse_json
from ...core.disk.locks import Lock
from ...core.errors import UserError
from ..open.options import Options
from ..prepare.cache import build_in, is_marked, key_of
from ..prepare.image_decode import DecodeTarget
from ..prepare.scan_headers import HeaderStatistics
from .facts import ImageFacts, target_from_json, target_to_json
from .piece import Stored, write_piece
from .piece_images import PieceImages
from .units import Piece, Units, deal, take_apart

_ABOUT, SETTLED = "shard.json", "settled.json"
PREPARED, FORMAT = "prepared.json", "genlearn prepared data"  # what is put together
_NAME = re.compile(r"shard-([1-9]\d*)-of-([1-9]\d*)")
_REMEDY = "name a folder with more by --out"


@dataclass(frozen=True)
class Shard:
    """Shard ``number`` of ``count``, counted from 1, in the folder ``out``; ``about`` says of what:
    the units of the ``data``, and what was ``asked``."""

    out: Path
    number: int
    count: int
    about: dict[str, Any] = field(repr=False)

    @property
    def folder(self) -> Path:
        """Where its pieces are."""
        return self.out / f"shard-{self.number}-of-{self.count}"

    @property
    def pieces(self) -> list[Piece]:
        """What it is made of."""
        return deal(len(self.about["units"]), self.number - 1, self.count)

    def stored(self) -> list[Stored]:
        """The pieces that are there."""
        found = (Stored.at(self.folder / piece.folder) for piece in self.pieces)
        return [piece for piece in found if piece]

    @property
    def content(self) -> str:
        """Names what it is one of the shards of."""
        return key_of((self.about["units"], sorted(self.about["asked"].items())))

    def done(self) -> bool:
        """Whether the shards were put together. Raises `UserError` where something else was."""
        if not is_marked(self.out):
            return False
        told = parse_json((self.out / PREPARED).read_text())
        if told.get("content") != self.content:
            raise UserError(
                f"{self.out} holds other data, or this data prepared otherwise; remove it, or name"
                " another --out"
            )
        return True

    def begin(self) -> None:
        """Say what it is to be. Raises `UserError` where it, or a shard beside it, is of other
        data, or read otherwise."""
        for other in shards_in(self.out):
            if told := difference(self, other):
                raise UserError(
                    f"{other.folder} is not of the same data: {told}; give the same DATA, flags and"
                    " number of shards, or another --out"
                )
        if not (self.folder / _ABOUT).is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_json(self.folder / _ABOUT, self.about)


def shards_in(out: Path) -> list[Shard]:
    """The shards that are in ``out``, in their order."""
    found = []
    for path in out.glob(f"shard-*-of-*/{_ABOUT}"):
        if match := _NAME.fullmatch(path.parent.name):
            found.append(Shard(out, int(match[1]), int(match[2]), _read(path)))
    return sorted(found, key=lambda shard: (shard.count, shard.number))


def _read(path: Path) -> dict[str, Any]:
    try:
        about = parse_json(path.read_text())
        return {name: about[name] for name in ("data", "units", "asked", "notes")}
    except (OSError, ValueError, TypeError, KeyError):
        raise UserError(
            f"{path} says of what shard it is, and cannot be read; remove {path.parent}, and"
            " prepare it again"
        ) from None


def difference(one: Shard, other: Shard) -> str:
    """What two shards that belong together would not differ in; "" where they do."""
    if one.count != other.count:
        return f"it is one of {other.count} shards, not of {one.count}"
    asked = {**one.about["asked"], **other.about["asked"]}
    for name in asked:
        mine, its = (shard.about["asked"].get(name) for shard in (one, other))
        if mine != its:
            return f"{name} is {its}, not {mine}"
    mine, its = (dict(shard.about["units"]) for shard in (one, other))
    if only := sorted(mine.keys() ^ its.keys()):
        return f"{only[0]} is in one of them alone"
    changed = next((name for name in mine if mine[name] != its[name]), None)
    where = one.about["data"] if changed == "" else changed
    return "" if changed is None else f"{where} holds other files, or files of other sizes"


def prepare_shard(
    source: str, out: Path, number: int, count: int, split: str | None, options: Options
) -> Shard:
    """Prepare shard ``number`` of ``count`` of ``source`` in ``out``, or what is missing of it.
    Raises `UserError` where that cannot be."""
    units = take_apart(source, split)
    asked = {"split": split, "label": options.label, **options.written}
    asked["resolution"] = options.size and [*options.size]
    about = {
        "data": source,
        "units": [[unit.name, unit.mark] for unit in units.units],
        "asked": {name: value for name, value in asked.items() if value is not None},
        "notes": list(units.notes),
    }
    shard = Shard(out, number, count, about)
    out.mkdir(parents=True, exist_ok=True)
    with Lock(out / f".{shard.folder.name}.lock", str(shard.folder)):
        if not shard.done():
            shard.begin()
            _remove_unfinished(shard.folder)
            _fill(shard, units, options)
    return shard


def settled(out: Path) -> DecodeTarget | None:
    """What the images of all shards were found to be brought to, if that is known."""
    path = out / SETTLED
    return target_from_json(parse_json(path.read_text())) if path.is_file() else None


def settle(out: Path, target: DecodeTarget) -> None:
    """Write that down."""
    write_json(out / SETTLED, target_to_json(target))


def write_json(path: Path, told: dict[str, Any]) -> None:
    """Replace ``path`` in one step."""
    write_bytes(path, json.dumps(told).encode())


def _fill(shard: Shard, units: Units, options: Options) -> None:
    """Write the pieces that are missing, or not as was settled."""
    known, target, pieces = HeaderStatistics(), settled(shard.out), shard.pieces
    for number, piece in enumerate(pieces, 1):
        place = shard.folder / piece.folder
        there = Stored.at(place)
        if there is None or (target and not fits(there, target)):
            unit = units.units[piece.unit]
            told = f"{number} of {len(pieces)}" + (f": {unit.name}" if unit.name else "")
            if len(pieces) > 1:
                options.tell(f"shard {shard.number} of {shard.count}, piece {told}")
            with unit.fetched() as source:
                _write(place, source, unit.split, piece, options, known, target)
            there = Stored.at(place)
        if there and "images" in there.about:
            known = _more(known, there)


def fits(piece: Stored, target: DecodeTarget) -> bool:
    """Whether the images of ``piece`` were brought to ``target``, or are none."""
    return not len(piece) or piece.about.get("target") in (None, target_to_json(target))


def _write(
    place: Path,
    source: Any,
    split: str | None,
    piece: Piece,
    options: Options,
    known: HeaderStatistics,
    target: DecodeTarget | None,
) -> None:
    with atomic_folder(place) as fresh:
        images = PieceImages(piece, fresh, known, target)
        build_in(fresh, lambda folder: write_piece(source, split, images, options), _REMEDY)


def _more(known: HeaderStatistics, piece: Stored) -> HeaderStatistics:
    """The counts of ``known`` with those of ``piece``; which files were odd counts no more."""
    together = ImageFacts(0, HeaderStatistics(known.sizes, known.modes, known.kinds))
    together.add_survey(ImageFacts.from_json(piece.about["images"]).survey)
    return together.survey


def _remove_unfinished(folder: Path) -> None:
    """What a killed process has left; no other is at work here."""
    for path in folder.glob(".piece-*.part"):
        remove(path)
