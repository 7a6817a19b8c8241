"""The map of a run as files, so that a page of 50,000 points opens at once.

PLACE/about.json    how many there are, of what, and how thumbnails are found
PLACE/points.bin    which examples of the data they are, 32 bits each; where they lie, two numbers
                    of 16 bits each; their classes, 16 bits each
PLACE/tsne.bin      by t-SNE, of some: which points, 32 bits each; where they lie, as above
PLACE/names.json    what they are called
PLACE/sprites.jpg   thumbnails
PLACE/plane.npz     the plane

A map is of weights and data, whose digests name its place; it appears whole or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np

from ...core.capabilities import Array
from ...core.disk.arrays import read_array, read_arrays
from ...core.disk.atomic import atomic_folder
from ...core.disk.checked import DIGEST, read_about
from ...core.disk.durable import remove
from ...data.prepare.cache import key_of
from ...representation.page.placing import Placing
from ...representation.page.sprites import Sprites
from ...representation.represent import CODES
from ..library.library import Library
from ..library.runs import RunFolder
from .abilities import Abilities
from .plane import Plane

_VERSION = 3


class About(msgspec.Struct, frozen=True):
    """``count`` points ``of`` so many examples, by what is told as ``by``; their ``classes``, none
    where they have none; how thumbnails are found; which entry of the run's index the ``codes``
    are, "" where they lie beside this; what of the model they are, as it is asked for
    (``features``): "codes", which can be decoded, or LAYER@T; what the page shows of the plane; and
    what the model is able to do, so that it need not be loaded for the page."""

    count: int
    of: int
    by: str
    classes: list[str]
    sprites: dict[str, int] | None
    codes: str
    features: str
    corner: tuple[float, float]
    side: float
    able: Abilities


@dataclass(frozen=True, eq=False)
class MapFiles:
    """The map at ``place``, of the run at ``run``."""

    place: Path
    run: Path
    about: About

    @property
    def key(self) -> str:
        """Names its content."""
        return self.place.name

    def file(self, name: str) -> Path:
        return self.place / name

    @property
    def has_tsne(self) -> bool:
        return self.file("tsne.bin").is_file()

    @property
    def decodes(self) -> bool:
        """Whether what lies between the points can be decoded."""
        return self.about.features == CODES

    @cached_property
    def rows(self) -> Array:
        """Which examples of the data the points are, (count,)."""
        return np.fromfile(self.file("points.bin"), "<u4", self.about.count)

    @cached_property
    def plane(self) -> Plane:
        arrays = read_arrays(self.file("plane.npz"))
        placing = Placing(self.about.corner, self.about.side)
        return Plane(arrays["mean"], arrays["axes"], placing)

    @cached_property
    def codes(self) -> Array:
        """(count, d), a memory map of those kept with the run."""
        codes: Array = read_array(self.code_file, "r")
        return codes

    @property
    def code_file(self) -> Path:
        """Where the codes are."""
        kept = self.run / "index" / self.about.codes if self.about.codes else self.place
        return kept / "codes.npy"


def place_of(library: Library, run: RunFolder) -> Path:
    """Where the map of ``run`` is, as it has learned by now."""
    about = (
        _VERSION,
        read_about(run.run.weights).get(DIGEST),
        run.data["fingerprint"],
        run.data["source"],
        run.manifest["versions"].get("genlearn"),
    )
    return library.own / "cache" / "maps" / run.id / key_of(about)


def read_map(place: Path, run: RunFolder) -> MapFiles | None:
    """The map at ``place``; None where there is none, or its codes are gone."""
    try:
        about = msgspec.json.decode((place / "about.json").read_bytes(), type=About)
    except (OSError, msgspec.DecodeError):
        return None
    found = MapFiles(place, run.path, about)
    return found if found.code_file.is_file() else None


@dataclass(frozen=True, eq=False)
class Made:
    """A map that is to be written: ``rows`` of the data, their ``codes`` and ``points`` as a page
    draws them, and what is known of them."""

    rows: Array
    codes: Array
    plane: Plane
    points: Array
    labels: Array | None
    names: list[str] | None
    sprites: Sprites | None


def write_map(place: Path, about: About, made: Made) -> None:
    """Write what was ``made`` to ``place``; maps of other weights of the same run go, and
    what was left unfinished."""
    with atomic_folder(place) as folder:
        labels = np.zeros(len(made.points)) if made.labels is None else made.labels
        parts = made.rows.astype("<u4"), made.points, np.asarray(labels).astype("<u2")
        (folder / "points.bin").write_bytes(b"".join(part.tobytes() for part in parts))
        (folder / "names.json").write_bytes(msgspec.json.encode(made.names))
        (folder / "sprites.jpg").write_bytes(made.sprites.content if made.sprites else b"")
        np.savez(folder / "plane.npz", mean=made.plane.mean, axes=made.plane.axes)
        if not about.codes:
            np.save(folder / "codes.npy", made.codes)
        (folder / "about.json").write_bytes(msgspec.json.encode(about))
    for other in place.parent.glob("*/"):
        if other != place:
            remove(other)
