r"""Images to one file, and back, by a run.

**Lossless.** Pixels are told one after another with the probabilities that a mixture of experts
gives them, which learns from what was told (`pixels`). The run's part is what it expects of each
pixel, decoded from its code of the image, which is told first: the bits of a code against the bits
that it saves,

    bits(x) = bits(z) - sum_i log2 p(x_i | x_<i, E[x|z]).

Whether that pays is measured on the first images, with no code as one of the choices: it pays for
few images, of a kind that the run knows well, and hardly for many.

**Lossy.** The code alone, as finely as is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.capabilities import Array, DecodesExactly, EncodesWords
from ..core.errors import UserError
from ..core.registry import name_of
from ..core.spec import ImageSpec
from .codes import Code, Numbers, Words, slopes, steps_of, to_bytes
from .container import Head, Parts, pack
from .images import Images
from .pixels import Progress
from .streams import encode
from .tables import digest

_TRIED = 64  # images by which it is seen whether a code pays
_ERRORS = (30.0, 100.0, 300.0)  # mean squared ones that rounding of a code may add, lossless
QUALITIES = 100


@dataclass(frozen=True)
class Compressed:
    """The ``content`` of a file, and how many of its bytes are codes and pixels."""

    content: bytes
    codes: int
    pixels: int


def fingerprint(model: Any) -> bytes:
    """Eight bytes that name a fitted model: equal for equal weights of one kind."""
    name = hashlib.blake2b(digest_size=8)
    name.update(f"{name_of(type(model))} {model.spec_.to_json()}".encode())
    for key, tensor in sorted(model.networks_.state_dict().items()):
        name.update(f"{key} {tuple(tensor.shape)}".encode())
        name.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return name.digest()


def image_spec(model: Any) -> ImageSpec:
    """What the images of ``model`` look like. Raises `UserError` where it did not learn images."""
    spec = model.spec_
    if not isinstance(spec, ImageSpec) or np.dtype(spec.dtype) != np.uint8:
        raise UserError(
            "compression is of images of 8 bits a channel; this run learned other data:"
            " fit one on images"
        )
    return spec


def compress_lossless(
    model: DecodesExactly, images: Images, run: str = "", progress: Progress | None = None
) -> Compressed:
    """``images`` of the shape that ``model`` was fitted on, every pixel exactly."""
    pixels = images.pixels
    code = cheapest(model, pixels) if len(pixels) else None
    codes, expected, checks = b"", None, b""
    if isinstance(code, Numbers):
        code = code.without_small(user_values(model, pixels))
    if code is not None:
        codes, expected, checks = _told(code, pixels)
    content, more = encode(pixels, expected, progress)
    head = _head(model, pixels, run, code, lossless=True, checks=checks + more, kinds=images.kinds)
    names = [*images.names, *(name for name, _, _ in images.kept)]
    parts = Parts(names, codes, content, [content for _, content, _ in images.kept])
    return Compressed(pack(head, parts), len(codes), len(content))


def compress_lossy(
    model: DecodesExactly, images: Images, quality: float = 50, run: str = ""
) -> Compressed:
    """``images`` in the user's units of ``model``, as its codes. ``quality``, from 0 to 100: how
    finely numbers are rounded; words are as they are."""
    values = images.pixels
    code = _code(model, values, allowed_error(quality))
    codes, _, checks = _told(code, values)
    head = _head(model, values, run, code, lossless=False, checks=checks, kinds=images.kinds)
    return Compressed(pack(head, Parts(images.names, codes, b"", [])), len(codes), 0)


def allowed_error(quality: float) -> float:
    """The mean squared error that rounding may add, in levels of 255: from 1,000 at 0 to 0.1 at
    100. Raises `UserError` for a quality that there is not."""
    if not 0 <= quality <= QUALITIES:
        raise UserError(f"quality {quality} was given; it is a number from 0 to {QUALITIES}")
    return float(10 ** (3 - quality / 25))


def cheapest(model: DecodesExactly, pixels: Array) -> Code | None:
    """The code by which the first images take fewest bytes, or None where that is no code."""
    some = pixels[:_TRIED]
    best, fewest = None, len(encode(some)[0])
    for code in _candidates(model, user_values(model, some)):
        codes, expected, _ = _told(code, some)
        size = len(codes) + len(encode(some, expected)[0])
        best, fewest = (code, size) if size < fewest else (best, fewest)
    return best


def squared_level(model: DecodesExactly) -> float:
    """The square of a level of 255 in the user's units, whose range may be another."""
    spec = image_spec(model)
    return float((spec.high - spec.low) / 255) ** 2


def _candidates(model: DecodesExactly, values: Array) -> Iterator[Code]:
    if isinstance(model, EncodesWords):
        yield Words(model)
        return
    slope = slopes(model, values)
    size = int(np.prod(values.shape[1:]))
    for error in _ERRORS:
        yield Numbers(model, steps_of(slope, error * squared_level(model), size))


def _code(model: DecodesExactly, values: Array, error: float) -> Code:
    if isinstance(model, EncodesWords):
        return Words(model)
    size = int(np.prod(values.shape[1:]))
    steps = steps_of(slopes(model, values), error * squared_level(model), size)
    return Numbers(model, steps).without_small(values)


def _told(code: Code, pixels: Array) -> tuple[bytes, Array, bytes]:
    """The codes of images as bytes, what is expected by them (n, H, W, C), and checksums."""
    numbers = code.numbers(user_values(code.model, pixels))
    content, checks = encode(to_bytes(numbers), to_bytes(np.zeros_like(numbers)))
    return content, expectation(code, numbers), checks


def expectation(code: Code, numbers: Array) -> Array:
    """What is expected of images by their codes, (n, H, W, C) uint8."""
    spec = image_spec(code.model)
    return code.decode(numbers).reshape(-1, *spec.shape[1:], spec.shape[0])


def user_values(model: Any, pixels: Array) -> Array:
    """(n, H, W, C) -> (n, *user_shape)."""
    return pixels.reshape(-1, *image_spec(model).user_shape)


def _head(
    model: Any,
    pixels: Array,
    run: str,
    code: Code | None,
    *,
    lossless: bool,
    checks: bytes,
    kinds: bytes,
) -> Head:
    channels, height, width = image_spec(model).shape
    return Head(
        run=run,
        fingerprint=fingerprint(model),
        tables=digest(),
        lossless=lossless,
        images=len(pixels),
        shape=(height, width, channels),
        code="" if code is None else code.name,
        places=(0, 0) if code is None else code.places,
        steps=code.steps if isinstance(code, Numbers) else b"",
        checks=checks,
        kinds=kinds,
        verbatim=(),
        names=0,
        codes=0,
        pixels=0,
    )
