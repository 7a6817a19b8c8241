"""A picture that somebody brings, as a model sees it: decoded in a process of its own with limits,
never here, and never given back as it came."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...core.capabilities import Array
from ...core.errors import UserError
from ...core.spec import ImageSpec

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_NAMES = {1: "grey", 3: "colour", 4: "colour with transparency"}
_SECONDS = 20.0  # that decoding may take
_WORKER = Path(__file__).with_name("decode_worker.py")
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, eq=False)
class Picture:
    """``values`` (1, *user_shape) in the user's units; ``note`` says what was changed for that, or
    nothing."""

    values: Array = field(repr=False)
    note: str = ""


def decode_picture(content: bytes, spec: ImageSpec, invert: bool = False) -> Picture:
    """The picture in the file ``content``, of the size and channels of ``spec``; ``invert``: light
    and dark change places. Raises `UserError` for what is none, or too much; takes a while."""
    channels, *size = spec.shape
    if channels not in _MODES:
        raise UserError(
            f"the model learned from images of {channels} channels, which no picture has; choose an"
            " example of its data"
        )
    told, pixels = _decoded(content, size[0], size[1], _MODES[channels])
    shape = (*size, channels) if spec.channel_axis else tuple(size)
    if len(pixels) != size[0] * size[1] * channels:
        raise UserError("the picture could not be read; save it again, as PNG or JPEG")
    shares = np.frombuffer(pixels, np.uint8).reshape(1, *shape) / 255
    return Picture(_in_range(1 - shares if invert else shares, spec), _changed(told, spec, invert))


def _decoded(content: bytes, height: int, width: int, mode: str) -> tuple[dict[str, Any], bytes]:
    command = [sys.executable, "-I", str(_WORKER), str(height), str(width), mode]
    with _AT_ONCE:
        try:
            done = subprocess.run(
                command,
                input=content,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                cwd="/",
                env={"PATH": os.defpath, "OPENBLAS_NUM_THREADS": "1"},
            )
        except subprocess.TimeoutExpired:
            raise UserError(
                f"the picture took longer than {_SECONDS:g} s to read; save it again, smaller"
            ) from None
    line, _, pixels = done.stdout.partition(b"\n")
    if done.returncode or not line:
        raise UserError(
            "the picture took more time or memory to read than there is for one; save it again, as"
            " PNG or JPEG"
        )
    told = json.loads(line)
    if "problem" in told:
        raise UserError(
            f"the picture cannot be read: {told['problem']}; give a PNG, JPEG, WebP or another"
            " usual format"
        )
    return told, pixels


def _in_range(shares: Array, spec: ImageSpec) -> Array:
    """Shares of the range as values, on the levels there are."""
    if spec.levels is not None:
        shares = (shares * (spec.levels - 1)).round() / (spec.levels - 1)
    values = spec.low + shares * (spec.high - spec.low)
    whole = np.dtype(spec.dtype).kind in "iub"
    found: Array = (values.round() if whole else values).astype(spec.dtype)
    return found


def _changed(told: dict[str, Any], spec: ImageSpec, invert: bool) -> str:
    channels, height, width = spec.shape
    before = (told["height"], told["width"])
    changes = []
    if before[0] * width != before[1] * height:
        changes.append("cropped to its middle")
    if before != (height, width):
        changes.append(f"brought from {before[1]} x {before[0]} to {width} x {height} pixels")
    if told["mode"] != _MODES[channels]:
        changes.append(f"turned to {_NAMES[channels]}")
    if invert:
        changes.append("inverted")
    return f"The picture was {', '.join(changes)}." if changes else ""
