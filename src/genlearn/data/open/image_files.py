"""Image files one by one, as they lie in a folder or an archive, of whatever size and kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..prepare.open_image import Payload
from ..sources.archives import Archives
from ..sources.base import choose
from ..sources.image_folder import ImageFolderSource
from .dispatch import find
from .noted import Noted


def image_files(source: Any, split: str | None) -> Iterator[tuple[str, Payload]] | None:
    """The name and content of each file of ``source``, by default of all splits; None where it
    holds no files of images. Raises `UserError` for a split that there is not."""
    found = find(source)
    while isinstance(found, Noted):
        found = found.source
    if isinstance(found, Archives):
        wanted = None if split is None else choose(split, found.splits())
        return found.images(wanted).files(None if wanted in found.files else wanted)
    if isinstance(found, ImageFolderSource):
        return found.files(None if split is None else choose(split, found.splits()))
    return None
