"""Image files one by one, as they lie in a folder or an archive, of whatever size and kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..prepare.open_image import Payload
from ..sources.archives import Archives
from ..sources.base import choose
from ..sources.image_folder import ImageFolderSource
from .dispatch import find
from .noted import Noted


@dataclass(frozen=True)
class ImageFiles:
    """The name and content of each, and a line for each thing that lies there and is not read."""

    files: Iterator[tuple[str, Payload]]
    notes: tuple[str, ...]


def image_files(source: Any, split: str | None) -> ImageFiles | None:
    """The image files of ``source``, by default of all splits; None where it holds none. Raises
    `UserError` for a split that there is not."""
    found, notes = find(source), tuple[str, ...]()
    while isinstance(found, Noted):
        notes, found = (*notes, *found.notes), found.source
    if not isinstance(found, (Archives, ImageFolderSource)):
        return None
    part = None if split is None else choose(split, found.splits())
    if isinstance(found, Archives):
        inside = found.images(part)
        part = None if part in found.files else part
    else:
        inside = found
    return ImageFiles(inside.files(part), (*notes, *inside.left_out()))
