"""What is compressed: the pixels of image files exactly, or examples as a run reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..core.capabilities import Array
from ..core.errors import UserError
from ..core.spec import ImageSpec
from ..data import open_data
from ..data.open.image_files import image_files
from ..data.open.options import silent
from ..data.prepare.open_image import Payload, Unreadable
from .stored import MODES, as_stored

_PLAIN = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass
class Images:
    """``pixels`` uint8 (n, H, W, C) under ``names``; ``kinds``: how each was stored, by its number
    in `MODES`. ``kept``: name, content and reason of each file that no such pixels tell; ``about``:
    how many held more than pixels. ``stored``: bytes that all of it took, where that is known."""

    pixels: Array
    names: list[str] = field(default_factory=list)
    kinds: bytes = b""
    kept: list[tuple[str, bytes, str]] = field(default_factory=list)
    about: int = 0
    stored: int | None = None


def exact_images(source: Any, spec: ImageSpec, **reading: Any) -> Images:
    """The pixels of ``source``, none of them altered; files whose pixels do not fit ``spec`` are
    kept as they are. Raises `UserError` where other data than files does not fit."""
    split, tell = reading.get("split"), reading.get("tell", silent)
    there = image_files(source, split) if isinstance(source, (str, Path)) else None
    if there is None:
        return _exact_examples(source, spec, reading)
    _check_reading(source, reading)
    for note in there.notes:
        tell(note)
    found, pixels, kinds = Images(np.zeros(0, np.uint8), stored=0), [], []
    for name, payload in there.files:
        content = _content(name, payload)
        found.stored = (found.stored or 0) + len(content)
        try:
            image = as_stored(content)
            _check_fits(image.pixels.shape, image.fits(spec.shape[0]), spec)
        except Unreadable as reason:
            found.kept.append((name, content, str(reason)))
            continue
        found.names.append(name)
        pixels.append(image.pixels[..., _channels(spec)])
        kinds.append(MODES.index(image.mode))
        found.about += image.about
    shape = (0, *spec.shape[1:], spec.shape[0])
    found.pixels = np.stack(pixels) if pixels else np.zeros(shape, np.uint8)
    found.kinds = _shortest(kinds)
    return found


def _check_reading(source: Any, reading: dict[str, Any]) -> None:
    others = [name for name in reading if name not in ("split", "tell")]
    if others:
        raise UserError(
            f"{others[0]}={reading[others[0]]!r} was given; it is for arrays and tables, and"
            f" {source} holds images: leave it out"
        )


def read_images(source: Any, spec: ImageSpec, **reading: Any) -> Images:
    """``source`` as a run of ``spec`` reads it, brought to its size and colours."""
    data = open_data(source, like=spec, **reading)
    return Images(data.user(slice(0, len(data))), list(data.names or []), plain_kind(spec))


def kind_of(kinds: bytes, number: int) -> str:
    """The mode of an image. Raises IndexError for what is none."""
    return MODES[kinds[0] if len(kinds) == 1 else kinds[number]]


def plain_kind(spec: ImageSpec) -> bytes:
    """How images are stored that a run gives. Raises `UserError` where no PNG holds them."""
    channels = spec.shape[0]
    if channels not in _PLAIN:
        raise UserError(f"images of {channels} channels were given; a PNG holds 1, 3 or 4")
    return bytes([MODES.index(_PLAIN[channels])])


def _exact_examples(source: Any, spec: ImageSpec, reading: dict[str, Any]) -> Images:
    data = open_data(source, **reading)
    channels, values = spec.shape[0], data.values
    if not isinstance(data.spec, ImageSpec):
        raise UserError(f"{source} holds no images; a run of images compresses images alone")
    if data.spec.shape != spec.shape or values.dtype != np.uint8:
        given, needed = (_size(one.shape) for one in (data.spec, spec))
        raise UserError(
            f"images of {given}, {values.dtype}, were given; lossless compression by this run takes"
            f" {needed}, uint8: take a run that was fitted on such images, or --lossy"
        )
    pixels = data.user(slice(0, len(data))).reshape(len(data), *spec.shape[1:], channels)
    return Images(pixels, list(data.names or []), plain_kind(spec))


def _check_fits(given: tuple[int, ...], colours: bool, spec: ImageSpec) -> None:
    """Raise `Unreadable` where ``spec`` does not hold such pixels."""
    if given[:2] != spec.shape[1:]:
        raise Unreadable(f"{given[1]}x{given[0]} pixels")
    if not colours:
        raise Unreadable("colours or transparency that the run does not know")


def _content(name: str, payload: Payload) -> bytes:
    try:
        if isinstance(payload, Path):
            if not payload.is_file():
                raise Unreadable("missing")
            return payload.read_bytes()
        if isinstance(payload, bytes):
            return payload
        raise payload if isinstance(payload, Unreadable) else Unreadable("not a file")
    except Unreadable as error:
        raise UserError(f"{name} cannot be read ({error}); remove it, or restore it") from None


def _channels(spec: ImageSpec) -> slice:
    return slice(0, spec.shape[0])


def _shortest(kinds: list[int]) -> bytes:
    return bytes(kinds[:1] if len({*kinds}) == 1 else kinds)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[2]}x{shape[1]} pixels and {shape[0]} channel{'s' * (shape[0] > 1)}"
