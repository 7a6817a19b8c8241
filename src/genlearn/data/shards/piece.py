"""One piece of the data on the disk: its examples, and all that must be known of it where the
pieces are put together."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.disk.json_text import parse_json
from ..dataset import Array, Dataset
from ..open.opening import read
from ..open.options import Options
from ..texts import Texts, write_texts
from .array_file import array_at, write_array
from .piece_images import CAPTIONS, FOLDERS, LABELS, NAMES, ROWS, PieceImages
from .units import Piece

ABOUT = "piece.json"


@dataclass(frozen=True)
class Stored:
    """A piece that is on the disk in ``folder``, with what is told ``about`` it."""

    folder: Path
    about: dict[str, Any] = field(repr=False)

    @classmethod
    def at(cls, folder: Path) -> Stored | None:
        """The piece in ``folder``, or None where it is not whole."""
        try:
            return cls(folder, parse_json((folder / ABOUT).read_text()))
        except (OSError, ValueError):
            return None

    def __len__(self) -> int:
        return int(self.about["count"])

    @property
    def files(self) -> int:
        """How many files, or rows, it was made of; some may have been unreadable."""
        return int(self.about["images"]["files"]) if "images" in self.about else len(self)

    @property
    def rows(self) -> Path:
        """The examples; not there where there are none, or where they were taken away."""
        return self.folder / ROWS

    @property
    def labels(self) -> Array | None:
        """The classes of the examples, if they have any."""
        return array_at(self.folder / LABELS)

    @property
    def folders(self) -> Array | None:
        """The folder of each example, by its number, where that may be its class."""
        return array_at(self.folder / FOLDERS)

    @property
    def names(self) -> Texts | None:
        """What the files are called, those that cannot be read among them."""
        return Texts.at(self.folder, NAMES)

    @property
    def captions(self) -> Texts | None:
        """What is said of each example, if anything is."""
        return Texts.at(self.folder, CAPTIONS)


def write_piece(source: Any, split: str | None, images: PieceImages, options: Options) -> None:
    """Prepare a piece of ``source`` into the empty folder of ``images``, which takes them where
    that is what there is; else its rows."""
    data = read(source, None, split, replace(options, store=images))
    about = images.about or _write_rows(data, images.piece, images.folder)
    told = {**about, "notes": list(data.notes)}
    (images.folder / ABOUT).write_text(json.dumps(told))


def _write_rows(data: Dataset, piece: Piece, folder: Path) -> dict[str, Any]:
    """The stretch of ``data`` that ``piece`` is."""
    mine = piece.stretch(len(data))
    values = data.values[mine]
    if len(values):
        write_array(folder / ROWS, values)
    if data.labels is not None:
        write_array(folder / LABELS, data.labels[mine])
    for name, texts in ((NAMES, data.names), (CAPTIONS, data.captions)):
        if texts is not None:
            write_texts(folder, name, texts[mine], len(values))
    return {
        "count": len(values),
        "classes": list(data.spec.classes),
        "spec": data.spec.to_json(),
        "dtype": np.lib.format.dtype_to_descr(values.dtype),
        "shape": values.shape[1:],
    }
