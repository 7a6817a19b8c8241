"""Making the map of a run: the examples that it learned from, what of the model stands for each,
where that lies in the plane, and thumbnails."""

from __future__ import annotations

import time
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from ...core.capabilities import Array
from ...core.seeding import random_rows
from ...core.spec import ImageSpec
from ...data import Dataset
from ...engine.runs.loading import read
from ...representation.kept_codes import kept_codes
from ...representation.mapping import MOST, map_codes
from ...representation.page.placing import Placing
from ...representation.page.sprites import sprites_of
from ...representation.represent import Representation, representation_of
from ..library.library import Library
from ..library.origins import open_origin
from ..library.runs import RunFolder
from .abilities import abilities_of
from .map_files import About, Made, MapFiles, place_of, write_map
from .maps import Tell
from .plane import Plane
from .rows import row_names

_SECONDS = 90.0  # that encoding may take; of a slow model fewer examples are mapped
_NUMBERS = 1 << 26  # of all codes together, at most
_TIMED, _FEWEST = 128, 1000


def make_map(library: Library, run: RunFolder, tell: Tell) -> None:
    """Make the map of ``run`` as it has learned by now. Raises `UserError` where its data is gone,
    or nothing of its model stands for an example."""
    tell("Reading the data", 0, 0)
    data = open_origin(library, run)
    place, model = _loaded(library, run)
    tell("Looking for what stands for an example", 0, 0)
    representation = representation_of(model, known=data)
    most = _affordable(representation, data)
    rows = np.sort(random_rows(0, len(data), most, "map"))
    some = data if len(rows) == len(data) else data.take(rows)
    codes = kept_codes(run.run, representation, some, lambda *at: tell("Encoding", *at))
    plane = Plane.of(codes)
    tell("Making thumbnails", 0, 0)
    sprites = sprites_of(some, lambda *at: tell("Making thumbnails", *at))
    about = About(
        count=len(some),
        of=len(data),
        by=str(representation),
        classes=[] if some.labels is None else list(some.spec.classes),
        sprites=sprites and sprites.shape,
        codes=_entry(codes, run.run.index),
        features=_asked(representation),
        corner=plane.placing.corner,
        side=plane.placing.side,
        able=abilities_of(model),
    )
    points = plane.placing.numbers(plane.points(codes))
    made = Made(rows, codes, plane, points, some.labels, _names(some), sprites)
    write_map(place, about, made)


def make_tsne(files: MapFiles, tell: Tell) -> None:
    """Add where some of the points of a map lie by t-SNE."""
    rows = np.sort(random_rows(0, files.about.count, MOST["tsne"], "tsne"))
    tell(f"Placing {len(rows):,} examples by t-SNE, which takes a minute or two", 0, 0)
    points = map_codes(np.asarray(files.codes[rows]), "tsne")
    content = rows.astype("<u4").tobytes() + Placing.of(points).numbers(points).tobytes()
    temporary = files.file(".tsne.bin")
    temporary.write_bytes(content)
    temporary.replace(files.file("tsne.bin"))


def _loaded(library: Library, run: RunFolder) -> tuple[Path, Any]:
    """A model of its own, and the place of the map of these very weights."""
    while True:
        place, model = place_of(library, run), read(run.path)
        if place == place_of(library, run):
            return place, model


def _affordable(representation: Representation, data: Dataset) -> int:
    """How many examples are mapped: as many as a page holds, or as there is time and
    room for."""
    if len(data) <= _FEWEST:
        return len(data)
    values = data.user(slice(0, _TIMED))
    representation.function(values)  # the first time is no measure
    begun = time.perf_counter()
    codes = representation.function(values)
    each = (time.perf_counter() - begun) / len(values)
    most = min(len(data), MOST["pca"], _NUMBERS // int(codes.shape[1]))
    return min(most, max(_FEWEST, int(_SECONDS / each)))


def _asked(representation: Representation) -> str:
    """By what words it is asked for again."""
    return representation.name.removeprefix("features of ")


def _entry(codes: Array, index: Path) -> str:
    """Which entry of the ``index`` holds ``codes``; "" where they are not kept there."""
    file = getattr(codes, "filename", None)
    return Path(file).parent.name if file and Path(file).parent.parent == index else ""


def _names(data: Dataset) -> list[str] | None:
    """What examples are called: by their files, rows by their values."""
    if data.names:
        return [PurePath(str(name)).name for name in data.names]
    if isinstance(data.spec, ImageSpec):
        return None
    return row_names(data.user(slice(None)), data.spec)
