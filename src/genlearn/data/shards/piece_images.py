"""The images of one piece, stored as they were decoded: which channels all of them need, and
whether this is the size that most have, is not known before the other pieces are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ...core.spec import ImageSpec
from ..dataset import Array, Dataset
from ..open.options import Options
from ..prepare.image_decode import DecodeTarget
from ..prepare.image_source import ImageBatchSource
from ..prepare.open_image import Payload
from ..prepare.prepare import decode_images, decoders, survey_images
from ..prepare.scan_headers import HeaderStatistics
from ..prepare.write_memmap import keep
from ..sources.base import meaning
from ..texts import write_texts
from .array_file import write_array
from .facts import ImageFacts, target_to_json
from .units import Piece

ROWS, LABELS, FOLDERS = "values.npy", "labels.npy", "folders.npy"
NAMES, CAPTIONS = "names", "captions"
# what stands for images that are stored elsewhere
_NONE = Dataset(
    values=np.zeros((0, 1, 1), np.uint8),
    spec=ImageSpec(shape=(1, 1, 1), dtype="uint8", low=0, high=255, levels=256),
)


@dataclass
class PieceImages:
    """Takes the images of a source and stores those of ``piece`` in ``folder``, brought to
    ``target``, or to what their headers say together with those before them, which are ``known``.
    ``about`` is what was found."""

    piece: Piece
    folder: Path
    known: HeaderStatistics
    target: DecodeTarget | None
    about: dict[str, Any] = field(default_factory=dict, init=False)

    def __call__(self, pictures: ImageBatchSource, options: Options) -> Dataset:
        mine = _stretch(pictures, self.piece.stretch(len(pictures.names)))
        facts, target = self._decoded(mine, options)
        good = np.delete(np.arange(facts.files), [i for i, _ in facts.found.bad])
        self._write_beside(mine, good)
        self.about = {
            "count": len(good),
            "images": facts.to_json(),
            "target": target and target_to_json(target),
            "classes": list(mine.classes),
            "splits": sorted({*map(meaning, mine.splits)}),
            "folders": self._write_folders(mine, good),
        }
        return replace(_NONE, notes=pictures.notes)

    def _decoded(
        self, mine: ImageBatchSource, options: Options
    ) -> tuple[ImageFacts, DecodeTarget | None]:
        facts = ImageFacts(len(mine.names))
        with decoders(facts.files) as pool:
            facts.survey = survey_images(pool, mine)
            target = self.target or self._guess(facts, options)
            if target is None:
                facts.found.bad = list(facts.survey.bad)
                return facts, None
            rows, facts.found = decode_images(pool, mine, options, target, self.folder)
        if len(facts.found.bad) < facts.files:
            keep(rows, facts.found, self.folder / ROWS, target.kind)
        else:
            rows.path.unlink()
        return facts, target

    def _guess(self, facts: ImageFacts, options: Options) -> DecodeTarget | None:
        together = ImageFacts()
        together.add_survey(self.known)
        together.add_survey(facts.survey)
        return together.survey.target(options.size) if together.survey.sizes else None

    def _write_beside(self, mine: ImageBatchSource, good: Array) -> None:
        write_texts(self.folder, NAMES, mine.names, len(mine.names))
        if mine.labels is not None:
            write_array(self.folder / LABELS, mine.labels[good])
        if mine.captions is not None:
            texts = (mine.captions[i] for i in good)
            write_texts(self.folder, CAPTIONS, texts, len(good))

    def _write_folders(self, mine: ImageBatchSource, good: Array) -> list[str] | None:
        """The folders that may be classes, whose numbers are written for each image."""
        if mine.folders is None:
            return None
        names, numbers = np.unique(np.array(mine.folders(), str), return_inverse=True)
        write_array(self.folder / FOLDERS, numbers.astype(np.int64)[good])
        return [str(name) for name in names]


def _stretch(pictures: ImageBatchSource, mine: slice) -> ImageBatchSource:
    """The images ``mine`` alone."""

    def payloads() -> Iterator[Payload]:
        return islice(pictures.payloads(), mine.start, mine.stop)

    folders = pictures.folders
    return replace(
        pictures,
        names=pictures.names[mine],
        payloads=payloads,
        labels=None if pictures.labels is None else pictures.labels[mine],
        captions=None if pictures.captions is None else pictures.captions[mine],
        folders=None if folders is None else lambda: folders()[mine],
    )
