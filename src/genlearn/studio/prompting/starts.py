"""What samples may start from instead of noise: an example of the data by its number, or a picture
of one's own. Both are arrays (1, *user_shape) in the user's units."""

from __future__ import annotations

import io
import re
from hashlib import blake2b
from pathlib import Path

import numpy as np

from ...core.disk.arrays import read_array
from ...core.disk.atomic import write_bytes
from ...core.errors import UserError
from ..library.library import Library
from ..library.origins import open_origin
from ..library.runs import RunFolder
from .drawing import Array

_KEPT = 20  # pictures; those that something was drawn from are kept with it


def initial(library: Library, run: RunFolder, start: str) -> Array | None:
    """What "data:17" or "picture:ID" stands for; None for "". Raises `UserError` where there is
    nothing like it."""
    kind, _, name = start.partition(":")
    if not start:
        return None
    if kind == "data" and name.isascii() and name.isdecimal() and len(name) < 16:
        return _example(library, run, int(name))
    if kind == "picture" and re.fullmatch("[0-9a-f]{16}", name):
        return _picture(library, run, name)
    raise UserError(f"{start[:40]!r} is nothing to start from; choose an example or a picture")


def keep_picture(library: Library, values: Array) -> str:
    """Keep a picture of one's own for a while; what it is called as a start."""
    content = packed(values)
    name, place = blake2b(content, digest_size=8).hexdigest(), _pictures(library)
    write_bytes(place / f"{name}.npy", content)
    known = sorted(place.glob("*.npy"), key=lambda path: path.stat().st_mtime_ns)
    for old in known[:-_KEPT]:
        old.unlink(missing_ok=True)
    return f"picture:{name}"


def packed(values: Array) -> bytes:
    """An array as the bytes of a file."""
    np.save(file := io.BytesIO(), values, allow_pickle=False)
    return file.getvalue()


def unpacked(content: bytes) -> Array:
    """The array that was `packed`."""
    values: Array = read_array(io.BytesIO(content))
    return values


def _example(library: Library, run: RunFolder, number: int) -> Array:
    data = open_origin(library, run)
    if number >= len(data):
        raise UserError(
            f"example {number:,} was given; {run.data['source']} has {len(data):,}, numbered from 0"
        )
    return data.user(slice(number, number + 1))


def _picture(library: Library, run: RunFolder, name: str) -> Array:
    try:
        values = unpacked((_pictures(library) / f"{name}.npy").read_bytes())
    except (OSError, ValueError):
        raise UserError("this picture is not kept any more; choose its file again") from None
    if values.shape[1:] != run.spec.user_shape:
        raise UserError(f"this picture was made ready for another run; choose it for {run.name}")
    return values


def _pictures(library: Library) -> Path:
    return library.own / "prompts" / "pictures"
