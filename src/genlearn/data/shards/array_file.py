"""Arrays that are written piece by piece, in NumPy's format, with memory for one block."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ...core.disk.arrays import read_array
from ...core.disk.room import check_room
from ..dataset import Array, blocks

_REMEDY = "free some, or name a folder with more by --out"


def array_at(path: Path) -> Array | None:
    """The array in ``path``, if that is there."""
    return read_array(path) if path.is_file() else None


def write_array(path: Path, values: Array) -> None:
    """``values``, which may be a memory map, as a file."""
    check_room(path.parent, values.nbytes, f"{path.name} of {len(values):,} examples", _REMEDY)
    with path.open("wb") as file:
        file.write(head(values.dtype, values.shape))
        for block in blocks(values) if len(values) else ():
            file.write(block.tobytes())


def write_parts(
    path: Path, dtype: np.dtype[Any], count: int, parts: Iterable[Array | None]
) -> None:
    """One array (count,) of what is in ``parts``."""
    with path.open("wb") as file:
        file.write(head(dtype, (count,)))
        for part in parts:
            if part is not None:
                file.write(part.astype(dtype, copy=False).tobytes())


def head(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """What stands before the numbers of an array of this shape."""
    content = io.BytesIO()
    told = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": False,
        "shape": tuple(map(int, shape)),
    }
    np.lib.format.write_array_header_1_0(content, told)
    return content.getvalue()


def size_of_rows(dtype: np.dtype[Any], shape: tuple[int, ...]) -> int:
    """Bytes of one example of this shape."""
    return math.prod(shape) * dtype.itemsize
