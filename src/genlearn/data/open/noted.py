"""A source with something to tell of where it was found."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..dataset import Dataset
from ..sources.base import Source
from .options import Options


@dataclass(frozen=True)
class Noted(Source):
    """``source``, whose examples come with ``notes``."""

    source: Source
    notes: tuple[str, ...]

    def splits(self) -> list[str]:
        return self.source.splits()

    def written(self) -> tuple[str, ...]:
        return self.source.written()

    def read(self, split: str | None, options: Options) -> Dataset:
        data = self.source.read(split, options)
        return replace(data, notes=(*data.notes, *self.notes))
