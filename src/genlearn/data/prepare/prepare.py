"""Preparing: decode every image once, check it, and store all of them as one flat memory map.

Two passes. The first reads headers and settles what the set is to be. The second decodes, in
parallel, and each worker writes its own rows; memory does not grow with the set. Whether colour is
really colour and transparency really transparent shows only then, so a last copy (of rows, nothing
is decoded again) drops channels that are not needed and the rows of bad files.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from ...core.disk.arrays import read_array
from ...core.disk.json_text import parse_json
from ...core.errors import UserError
from ..dataset import Array, Dataset, Provenance, digest
from ..open.options import Options
from .cache import build_in, entry, key_of
from .image_decode import DecodeTarget, PixelKind
from .image_source import ImageBatchSource
from .scan_headers import (
    Bad,
    HeaderStatistics,
    check_readable,
    content_notes,
    list_bad,
    look_at,
    size_note,
)
from .value_range import depth_note, file_range, image_spec
from .worker_pool import each, worker_pool
from .write_memmap import DecodeStatistics, MemmapWriter, keep, write_chunk

_FACTS = "prepared.json"
_VALUES = "values.npy"
_GREY = {"1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N"}  # PIL's modes
# Below this, starting worker processes costs more than it saves.
_FEW = 128


def prepare(pictures: ImageBatchSource, options: Options) -> Dataset:
    """The dataset of these pictures, from the cache where it is there. Raises `UserError` where
    none can be read."""
    if not pictures.names:
        raise UserError(
            f"{pictures.place} holds no images; give a folder of png, jpg, webp, tif... files, a"
            " table or an array"
        )
    if options.store:
        return options.store(pictures, options)
    build = partial(_build, pictures, options)
    if pictures.key is None:
        with tempfile.TemporaryDirectory(
            prefix="genlearn-", ignore_cleanup_errors=True
        ) as temporary:
            build_in(Path(temporary), build, "set TMPDIR to a folder with more")
            return _load(Path(temporary), None, pictures, options)
    folder, note = entry(key_of((pictures.key, options.size)), build, _intact, options.tell)
    return _load(folder, note, pictures, options)


def _build(pictures: ImageBatchSource, options: Options, folder: Path) -> None:
    options.tell(f"preparing {len(pictures.names):,} images of {pictures.place} (once)")
    names, place = pictures.names, pictures.place
    with decoders(len(names)) as pool:
        survey = survey_images(pool, pictures)
        check_readable(named(survey.bad, names), len(names), place)
        target = survey.target(options.size)
        rows, found = decode_images(pool, pictures, options, target, folder)
        check_readable(named(found.bad, names), len(names), place)
        keep(rows, found, folder / _VALUES)
    facts = image_facts(names, survey, target, found, read_array(folder / _VALUES, "r"))
    (folder / _FACTS).write_text(json.dumps(facts | {"digest": digest_of(folder)}))


def digest_of(folder: Path) -> str:
    """Names the values in ``folder``."""
    return digest(read_array(folder / _VALUES, "r"))


@contextmanager
def decoders(count: int) -> Iterator[Executor]:
    """Workers for ``count`` images."""
    with warnings.catch_warnings(), worker_pool(None if count > _FEW else 0) as pool:
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        # PIL warns of odd metadata; what counts is whether the pixels can be read.
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        yield pool


def survey_images(pool: Executor, pictures: ImageBatchSource) -> HeaderStatistics:
    """The first pass, over headers."""
    survey = HeaderStatistics()
    for start, looks in each(pool, look_at, pictures.chunks()):
        survey.add(start, looks)
    return survey


def decode_images(
    pool: Executor, pictures: ImageBatchSource, options: Options, target: DecodeTarget, folder: Path
) -> tuple[MemmapWriter, DecodeStatistics]:
    """The second pass: the rows of all images in ``folder``, and what decoding showed."""
    rows = MemmapWriter(folder / "rows.npy", target, len(pictures.names))
    found = DecodeStatistics()
    for part in each(pool, partial(write_chunk, rows, rows.create()), pictures.chunks()):
        found.add(part)
        if options.progress:
            options.progress(found.done, rows.count)
    return rows, found


def image_facts(
    names: Sequence[str],
    survey: HeaderStatistics,
    target: DecodeTarget,
    found: DecodeStatistics,
    values: Array,
) -> dict[str, Any]:
    """What is told of the files called ``names``, of which ``values`` are what could be read."""
    bad = named(found.bad, names)
    notes = [f"{len(bad)} unreadable files left out: {list_bad(bad)}"] if bad else []
    notes += content_notes(survey, names)
    notes += [size_note(survey, target) or "", *_kind_notes(survey, target.kind, found)]
    notes = [note for note in (*notes, depth_note(file_range(values), values.dtype)) if note]
    sizes = {f"{w}x{h}": count for (h, w), count in survey.sizes.most_common()}
    origin = Provenance(sizes, dict(survey.modes.most_common()), bad)
    return {"notes": notes, "origin": asdict(origin)}


def _kind_notes(survey: HeaderStatistics, decoded: PixelKind, found: DecodeStatistics) -> list[str]:
    kind, notes = found.kind(decoded), []
    solid, count = found.opaque, found.done - len(found.bad)
    if decoded.channels == 4 and kind.channels < 4:
        notes.append(
            "opaque throughout: kept without transparency"
            if solid == count
            else f"transparent pixels put on white, in {count - solid} of {count} images"
        )
    if decoded.channels > 1 and kind.channels == 1 and not set(survey.modes) <= _GREY:
        notes.append("stored with colour channels but grey throughout: kept as grey")
    elif len(survey.kinds) > 1 and not notes:
        modes = ", ".join(f"{mode} {count}" for mode, count in survey.modes.most_common())
        notes.append(f"mixed kinds of pixels ({modes}): all kept as {kind}")
    return notes


def named(bad: list[tuple[int, str]], names: Sequence[str]) -> list[Bad]:
    """Files that are ``bad`` by their names."""
    return [(i, names[i], reason) for i, reason in bad]


def origin_of(told: dict[str, Any]) -> Provenance:
    """What `image_facts` told."""
    return Provenance(told["sizes"], told["modes"], [tuple(bad) for bad in told["bad"]])


def _intact(folder: Path) -> bool:
    """Whether the entry is there, whole."""
    try:
        parse_json((folder / _FACTS).read_text())["digest"]
        return len(read_array(folder / _VALUES, "r")) > 0
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _load(folder: Path, note: str | None, pictures: ImageBatchSource, options: Options) -> Dataset:
    facts = parse_json((folder / _FACTS).read_text())
    values = read_array(folder / _VALUES, "r")
    origin = origin_of(facts["origin"])
    dropped = {i for i, _, _ in origin.bad}
    good = [i for i in range(len(pictures.names)) if i not in dropped]
    captions = None if pictures.captions is None else [pictures.captions[i] for i in good]
    spec = image_spec(
        values,
        file_range(values),
        classes=pictures.classes,
        captions=captions is not None,
        binarise=options.binarise,
    )
    return Dataset(
        values=values,
        spec=spec,
        labels=None if pictures.labels is None else pictures.labels[good],
        captions=captions,
        notes=(*pictures.notes, *facts["notes"], *([note] if note else [])),
        names=[pictures.names[i] for i in good],
        digest=facts["digest"],
        origin=origin,
    )
