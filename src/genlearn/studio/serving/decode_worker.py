"""Decodes one picture that somebody brought: a program of its own, with little memory and time.

    python decode_worker.py HEIGHT WIDTH MODE < FILE

writes a line of JSON, then the pixels, HEIGHT x WIDTH of PIL's MODE. It loads no more of this
package than the modules that open images, since torch alone would take longer, and more memory,
than it may have.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import types
import warnings
from pathlib import Path
from typing import Any

_MEMORY, _SECONDS = 2 << 30, 15  # of addresses; of the processor
_PIXELS = 120_000_000  # as the largest cameras have
_ENOUGH = 4  # times as large as wanted is as good as larger
_WIDE = ("I;16", "I;16L", "I;16B", "I;16N", "I")
_PREPARE = Path(__file__).parents[2] / "data" / "prepare"
_PACKAGE = "genlearn_prepare"  # stands for genlearn.data.prepare


def main(height: str, width: str, mode: str) -> None:
    """Decode standard input."""
    _limit()
    package = types.ModuleType(_PACKAGE)
    package.__path__ = [str(_PREPARE)]
    sys.modules[_PACKAGE] = package
    content = sys.stdin.buffer.read()
    try:
        told, pixels = _decoded(content, (int(width), int(height)), mode)
    except _part("open_image").Unreadable as error:
        told, pixels = {"problem": str(error)}, b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + pixels)


def _part(name: str) -> Any:
    """A module of `genlearn.data.prepare`."""
    return importlib.import_module(f"{_PACKAGE}.{name}")


def _limit() -> None:
    """From here on, more is refused by the system."""
    limits = (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    )
    for kind, most in limits:
        resource.setrlimit(kind, (most, most))


def _decoded(content: bytes, size: tuple[int, int], mode: str) -> tuple[dict[str, object], bytes]:
    """What the picture was, and its pixels at ``size`` (width, height)."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = _PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    open_image = _part("open_image")
    with open_image.open_image(content) as image:
        if image.mode == "F":
            raise open_image.Unreadable("pixels are 32-bit floats: save it with 8 bits")
        told = {"width": image.width, "height": image.height, "mode": image.mode}
        if image.format == "JPEG":
            image.draft(None, (_ENOUGH * max(size),) * 2)
        _part("orientation").turn_upright(image)
        plain = _plain(image, mode)
        small = plain.reduce(max(1, min(plain.size) // (_ENOUGH * max(size))))
        return told, ImageOps.fit(small, size, Image.Resampling.LANCZOS).tobytes()


def _plain(image: Any, mode: str) -> Any:
    """``image`` in ``mode``, transparency laid on white where that has none."""
    from PIL import Image

    to_mode = _part("colour").to_mode
    if image.mode in _WIDE:
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    transparent = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    if transparent and mode != "RGBA":
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return to_mode(image, mode)


if __name__ == "__main__":
    main(*sys.argv[1:])
