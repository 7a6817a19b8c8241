"""Decompressed images into a folder under their names, never over what is there."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..core.disk.atomic import wrap_os_errors, write_bytes
from ..core.errors import UserError
from ..core.image_grid import encoded
from .output_folder import Room, check_unmixed

if TYPE_CHECKING:
    from ..compression.container import Head
    from ..compression.decompress import Decompressed

_LONGEST = 255  # bytes of a part of a name
_FORBIDDEN = ("", ".", "..")
_SEPARATORS = () if os.sep == "/" else (os.sep, ":")


def check_absent(path: Path, overwrite: bool) -> None:
    """Raise `UserError` where ``path`` is there already, unless it may be replaced."""
    if path.is_dir() and not overwrite:
        raise UserError(f"{path} is a folder; name a file by --out")
    if path.exists() and not overwrite:
        raise UserError(f"{path} is there already; name another --out, or give --overwrite")


def write_images(folder: Path, found: Decompressed, head: Head, overwrite: bool) -> int:
    """How many there are. Raises `UserError` before anything is written where a file is there
    already, or a name leads out of ``folder``."""
    from ..compression.images import kind_of
    from ..compression.stored import as_pixels, restored

    names = found.names or [f"{index:06d}" for index in range(len(found.pixels))]
    kept = [name for name, _ in found.kept]
    places = _places(names, kept)
    _check_free(folder, places, overwrite)
    room = Room(folder, len(places))
    with wrap_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for number, place in enumerate(places):
        if number < len(names):
            image = as_pixels(found.pixels[number])
            data = encoded(restored(image, kind_of(head.kinds, number)), optimize=True)
        else:
            data = found.kept[number - len(names)][1]
        write_bytes(folder / place, data, many=True)
        room.used(1, len(data))
    return len(places)


def _places(names: list[str], kept: list[str]) -> list[str]:
    """Where each is written: images as PNG, with their old ending before that where
    another one is called so. Raises `UserError`."""
    for name in (*names, *kept):
        _check_inside(name)
    pngs = [str(PurePosixPath(name).with_suffix(".png")) for name in names]
    often = Counter(map(str.casefold, [*pngs, *kept]))
    places = [
        png if often[png.casefold()] == 1 or name == png else f"{name}.png"
        for name, png in zip(names, pngs, strict=True)
    ]
    places += kept
    alike = [name for name, count in Counter(map(str.casefold, places)).items() if count > 1]
    if alike:
        raise UserError(f"the .glc file has two images that would both be called {alike[0]}")
    return places


def _check_inside(name: str) -> None:
    parts = name.split("/")
    strange = any(part in _FORBIDDEN or len(part.encode()) > _LONGEST for part in parts)
    if strange or "\0" in name or any(sign in name for sign in _SEPARATORS):
        raise UserError(f"the .glc file names an image {name[:80]!r}, which is no name in a folder")


def _check_free(folder: Path, places: list[str], overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file; name a folder by --out")
    there = [place for place in places if (folder / place).exists()]
    if there and not overwrite:
        raise UserError(
            f"{folder} holds {there[0]}"
            + (f" and {len(there) - 1:,} others" if len(there) > 1 else "")
            + " already; name another --out, or give --overwrite"
        )
    check_unmixed(folder, places, captions=False)
