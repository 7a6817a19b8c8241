"""Arrays as NumPy writes them, read by one thread at a time.

NumPy reads the head of an array by Python's parser, which before 3.12 counts its depth for all
threads together: of two that read at once, one may fail, "AST constructor recursion depth
mismatch" (CPython issue 106905), which was seen three times in 40,000 requests of a service.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray

_TURN = threading.Lock()


def read_array(source: str | Path | IO[bytes], mmap_mode: Literal["r"] | None = None) -> Any:
    """The array in ``source``; with ``mmap_mode``, a map of the file that is only read. Raises
    ValueError, EOFError or OSError for what is none, or holds objects."""
    with _TURN:
        return np.load(source, mmap_mode=mmap_mode, allow_pickle=False)


def read_arrays(source: str | Path | IO[bytes]) -> dict[str, NDArray[Any]]:
    """The arrays in an archive, by name. Raises as `read_array` does, and BadZipFile."""
    with _TURN, np.load(source, allow_pickle=False) as arrays:
        return dict(arrays)
