"""Shards become one prepared folder, equal to what one process makes of the same data.

Nothing is held twice: the examples of a piece are taken away when they are in their place in
``values.npy`` and on the disk, so that what is needed beside the data is room for one piece. Memory
is needed for a block. Killed at any point, the same command goes on.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...core.disk.arrays import read_array
from ...core.disk.durable import remove, sync_folder
from ...core.disk.locks import Lock
from ...core.disk.room import check_room
from ...core.errors import UserError
from ..dataset import blocks
from ..folders.names import some
from ..open.options import Tell, silent
from ..prepare.cache import is_marked, write_mark
from ..prepare.image_decode import DecodeTarget
from ..prepare.prepare import digest_of, image_facts, named
from ..prepare.scan_headers import check_readable
from ..prepare.value_range import file_range, image_spec
from ..prepare.write_memmap import narrowed
from ..texts import files_of, write_texts
from .array_file import head, size_of_rows, write_parts
from .facts import ImageFacts
from .file_names import FileNames
from .piece import Stored
from .piece_images import CAPTIONS, LABELS, NAMES, ROWS
from .settle import Pieces, check_alike
from .shard import (
    FORMAT,
    PREPARED,
    SETTLED,
    Shard,
    difference,
    fits,
    settle,
    settled,
    shards_in,
    write_json,
)


class NotSettled(UserError):
    """Shards were prepared for images of another kind than all of them together have."""


def merge_shards(out: Path, tell: Tell = silent) -> None:
    """Put the shards in ``out`` together; nothing where that was done. Raises `UserError` for
    shards that are missing, unfinished, or of different data."""
    with Lock(out / ".merge.lock", str(out)):
        if is_marked(out):
            return _finish(out, shards_in(out))
        shards = _checked(out)
        pieces = _pieces(shards)
        if check_alike(pieces) == "images":
            told = _merge_images(out, shards, pieces)
        else:
            told = _merge_rows(out, pieces)
        _write_beside(out, pieces, told)
        first = shards[0].about
        told["notes"] = [*pieces.notes(), *first["notes"], *told["notes"]]
        told |= {"format": FORMAT, "asked": first["asked"], "content": shards[0].content}
        write_json(out / PREPARED, {**told, "digest": digest_of(out)})
        _finish(out, shards)
    for note in told["notes"]:
        tell(note)
    tell(f"{told['count']:,} examples are prepared in {out}")


def _checked(out: Path) -> list[Shard]:
    """All shards, which belong together and are whole."""
    shards = shards_in(out)
    if not shards:
        raise UserError(
            f"{out} holds no shards; make them by genlearn prepare DATA --out {out} --shard 1/2"
        )
    for other in shards[1:]:
        if told := difference(shards[0], other):
            raise UserError(
                f"{other.folder.name} and {shards[0].folder.name} in {out} are not of the same"
                f" data: {told}; remove one, and prepare it as the other"
            )
    there = {shard.number for shard in shards}
    if missing := sorted({*range(1, shards[0].count + 1)} - there):
        raise UserError(
            f"{out} lacks shard {_listed(missing)} of {shards[0].count}; prepare it, or copy it"
            " there"
        )
    for shard in shards:
        done, whole = len(shard.stored()), len(shard.pieces)
        if done < whole:
            raise UserError(
                f"{shard.folder} is not finished, {done} of {whole} pieces are there; the same"
                f" command again, with --shard {shard.number}/{shard.count}, goes on"
            )
    return shards


def _pieces(shards: list[Shard]) -> Pieces:
    stored, units = [], []
    for shard in shards:
        stored += shard.stored()
        units += [shard.about["units"][piece.unit][0] for piece in shard.pieces]
    return Pieces(stored, units)


def _merge_images(out: Path, shards: list[Shard], pieces: Pieces) -> dict[str, Any]:
    facts = ImageFacts.together(ImageFacts.from_json(p.about["images"]) for p in pieces.stored)
    names = FileNames(pieces.stored, pieces.units)
    check_readable(named(facts.found.bad, names), facts.files, shards[0].about["data"])
    asked = shards[0].about["asked"].get("resolution")
    target = facts.survey.target((asked[0], asked[1]) if asked else None)
    _check_settled(out, shards, target)
    kept = DecodeTarget(facts.found.kind(target.kind), target.size)
    count = facts.files - len(facts.found.bad)
    _join(out, pieces.stored, np.dtype(target.dtype), kept.shape, count)
    values = read_array(out / ROWS, "r")
    spec = image_spec(values, file_range(values))
    told = image_facts(names, facts.survey, target, facts.found, values)
    return {**told, "count": count, "spec": spec.to_json()}


def _check_settled(out: Path, shards: list[Shard], target: DecodeTarget) -> None:
    """Raise `NotSettled` where images were brought to anything but ``target``, which is written
    down for who prepares them again."""
    wrong = [s.number for s in shards if not all(fits(piece, target) for piece in s.stored())]
    if not wrong:
        return
    if settled(out) != target:
        settle(out, target)
    height, width = target.size
    raise NotSettled(
        f"all shards of {out} together are {target.kind} of {width}x{height}, and shard"
        f" {_listed(wrong)} of {shards[0].count} was prepared otherwise; the same command again,"
        f" with --shard {wrong[0]}/{shards[0].count}, does so now (--resolution avoids it)"
    )


def _merge_rows(out: Path, pieces: Pieces) -> dict[str, Any]:
    first = next((piece for piece in pieces.stored if len(piece)), None)
    if first is None or first.about["spec"] != pieces.stored[-1].about["spec"]:
        raise UserError(f"the shards in {out} are not of the same columns; prepare them again")
    count, told = sum(map(len, pieces.stored)), first.about["dtype"]
    # columns of several types are listed
    dtype = np.dtype([tuple(one) for one in told] if isinstance(told, list) else told)
    _join(out, pieces.stored, dtype, tuple(first.about["shape"]), count)
    return {"count": count, "spec": first.about["spec"], "notes": [], "origin": None}


def _join(
    out: Path, pieces: list[Stored], dtype: np.dtype[Any], shape: tuple[int, ...], count: int
) -> None:
    """The examples of all ``pieces`` in one file; of those whose examples are not there any more,
    they are in it already."""
    path, one = out / ROWS, size_of_rows(dtype, shape)
    begin = head(dtype, (count, *shape))
    _check_complete(path, pieces)
    if not path.exists():
        path.write_bytes(begin)
    with path.open("rb+") as file:
        end = len(begin)
        for piece in pieces:
            if len(piece) and piece.rows.is_file():
                what = f"a piece of {len(piece):,} examples"
                check_room(out, len(piece) * one, what, "free some")
                file.seek(end)
                _copy(piece.rows, file, shape)
                remove(piece.rows)
            end += len(piece) * one
        file.truncate(end)
        os.fsync(file.fileno())


def _check_complete(path: Path, pieces: list[Stored]) -> None:
    """Raise `UserError` where examples are nowhere."""
    gone = [piece for piece in pieces if len(piece) and not piece.rows.is_file()]
    if gone and not path.is_file():
        raise UserError(
            f"{gone[0].rows} is missing, and {path}, where it would be; remove {gone[0].folder} and"
            " prepare it again"
        )


def _copy(rows: Path, file: BinaryIO, shape: tuple[int, ...]) -> None:
    for block in blocks(read_array(rows, "r")):
        file.write(narrowed(block, shape).tobytes())
    file.flush()
    os.fsync(file.fileno())


def _write_beside(out: Path, pieces: Pieces, told: dict[str, Any]) -> None:
    """Labels, captions and names, which ``told`` hears of."""
    classes = pieces.classes()
    told["notes"] = [*classes.notes, *told["notes"]]
    told["spec"] |= {"classes": list(classes.names), "captions": pieces.captioned}
    if classes.of:
        parts = map(classes.of, range(len(pieces.stored)))
        write_parts(out / LABELS, np.dtype(np.int64), told["count"], parts)
    if pieces.captioned:
        write_texts(out, CAPTIONS, pieces.captions(), told["count"])
    if all(piece.names is not None for piece in pieces.stored):
        names = FileNames(pieces.stored, pieces.units)
        write_texts(out, NAMES, names.of_examples(), told["count"])


def _finish(out: Path, shards: list[Shard]) -> None:
    """Mark ``out`` as whole, and remove what it was made of."""
    if not is_marked(out):
        names = [ROWS, LABELS, PREPARED, *(n for t in (NAMES, CAPTIONS) for n in files_of(t))]
        files = [path for path in map(out.joinpath, names) if path.is_file()]
        for path in files:
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        write_mark(out, files)
        sync_folder(out)
    for shard in shards:
        remove(shard.folder)
    remove(out / SETTLED)


def _listed(numbers: list[int]) -> str:
    return some(map(str, numbers), 10)
