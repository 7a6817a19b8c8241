"""What a trial shows, as a file of which only the pixels differ.

The pixels are stored and not compressed, so the file of a trial is as long as that of any other,
begins alike and is read as fast. The images of a pair stand side by side in one file, so that none
of them comes first. What is real takes the way that what is generated takes (`as_shown`).

Reference: PNG (W3C, 3rd edition), 5 (chunks), 11.2.1 (IHDR).
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from ...core.capabilities import Array
from ...core.spec import ImageSpec
from ...turing.component import as_shown
from ...turing.trials import Trials

_COLOURS = {1: 0, 3: 2, 4: 6}  # PNG's number for grey, RGB, RGBA


def pictures_of(trials: Trials, spec: ImageSpec) -> Array:
    """The images of all trials, uint8 (trials, 1 or 2, H, W, 1, 3 or 4)."""
    shown = as_shown(np.concatenate([trial.images for trial in trials.trials]), spec)
    if shown.shape[-1] == 3 and (shown == shown[..., :1]).all():
        shown = shown[..., :1]
    return shown.reshape(len(trials.trials), -1, *shown.shape[1:])


def picture(images: Array) -> bytes:
    """The file of one trial's ``images`` (n, H, W, C), uint8, side by side; its length depends on
    their shape alone."""
    n, height, width, channels = images.shape
    rows = images.swapaxes(0, 1).reshape(height, n * width * channels)
    unfiltered = np.pad(rows, ((0, 0), (1, 0)))
    head = struct.pack(">IIBBBBB", n * width, height, 8, _COLOURS[channels], 0, 0, 0)
    body = zlib.compress(unfiltered.tobytes(), 0)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
