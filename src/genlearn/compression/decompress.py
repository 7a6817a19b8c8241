"""A file back to images, by the run that made it and no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.capabilities import Array, DecodesExactly, EncodesWords
from ..core.errors import UserError
from .codes import Code, Numbers, Words, from_bytes, to_bytes
from .compress import expectation, fingerprint, image_spec
from .container import Head, Parts, damaged
from .pixels import Progress
from .stored import MODES
from .streams import CHECK, blocks_of, decode
from .tables import digest


@dataclass(frozen=True)
class Decompressed:
    """``pixels`` uint8 (n, H, W, C) under ``names`` (none: numbered); ``kept``: name and content of
    each file that was kept as it was."""

    pixels: Array
    names: list[str]
    kept: list[tuple[str, bytes]]


def decompress(
    model: Any, head: Head, parts: Parts, progress: Progress | None = None
) -> Decompressed:
    """Raises `UserError` where ``model`` is not the one that compressed, for what is damaged, and
    where this machine does not come by the same pixels: nothing is given then."""
    check_run(model, head)
    code = _code(model, head)
    expected, pixels = None, np.zeros((0, *head.shape), np.uint8)
    if head.images:
        checks = head.checks
        if code is not None:
            shape = (head.images, *code.places, 2)
            split = CHECK * blocks_of(shape)
            zeros = np.broadcast_to(to_bytes(np.zeros((1, *code.places), np.int64)), shape)
            numbers = from_bytes(decode(parts.codes, checks[:split], shape, zeros))
            expected, checks = expectation(code, numbers), checks[split:]
        if head.lossless:
            shape = (head.images, *head.shape)
            pixels = decode(parts.pixels, checks, shape, expected, progress)
        elif expected is not None:
            pixels = expected
    names = parts.names[: head.images]
    kept = list(zip(parts.names[head.images :], parts.files, strict=True))
    return Decompressed(pixels, names, kept)


def check_run(model: Any, head: Head) -> None:
    """Raise `UserError` where ``model`` is not the one that compressed, or the file says what
    cannot be."""
    if fingerprint(model) != head.fingerprint:
        raise UserError(
            f"the .glc file was made by another run (it was at {head.run or 'no place'});"
            " name that one by --run: no other decodes it"
        )
    if head.tables != digest():
        raise UserError(
            "the .glc file was made with other tables of probabilities than this machine has;"
            " decompress it where it was compressed"
        )
    channels, *sides = image_spec(model).shape
    if head.shape != (*sides, channels):
        raise damaged(f"it says that its images are {head.shape}, and its run has {sides}")
    if any(kind >= len(MODES) for kind in head.kinds) or (
        head.images and len(head.kinds) not in (1, head.images)
    ):
        raise damaged("it does not say how its images were stored")


def _code(model: DecodesExactly, head: Head) -> Code | None:
    code: Code | None = None
    if head.code == Words.name and isinstance(model, EncodesWords):
        code = Words(model)
    elif head.code == Numbers.name and len(head.steps) == model.latent_dim_:
        code = Numbers(model, head.steps)
    elif head.code or not head.lossless:
        raise damaged("its codes are not of the kind that its run has")
    if code is not None and head.places != code.places:
        raise damaged("its codes are not as many as its run has")
    return code
