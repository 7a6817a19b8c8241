"""Images of whole numbers below 256 as bytes, and back; each block of them with a checksum, so that
what decodes otherwise is told at once, and never handed on.

The range coder is that of ``constriction`` (Bamler 2022, arXiv 2201.01741).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core.capabilities import Array
from ..core.errors import UserError
from .container import checksum, damaged
from .pixels import BLOCK, Progress, Shape, code
from .tables import ONE, Ints

CHECK = 4  # bytes
_LARGEST, _TILE = 64, 32  # sides: the smaller one of images coded whole; of pieces of larger ones


def encode(
    values: Array, expected: Array | None = None, progress: Progress | None = None
) -> tuple[bytes, bytes]:
    """``values`` (n, H, W, C), uint8, as bytes, and the checksums of the blocks; ``expected``: a
    model's expectation of them, of the same shape and type."""
    stream = _constriction().stream
    coder, model = stream.queue.RangeEncoder(), stream.model.Bernoulli(perfect=False)

    def put(p: Ints, bits: Ints | None) -> Ints:
        assert bits is not None
        coder.encode(bits.ravel().astype(np.int32), model, p.ravel() / ONE)
        return bits

    pieces = tiles(values)
    guesses = None if expected is None else tiles(expected)
    blocks = code(_shape(pieces.shape), guesses, put, pieces, progress)
    checks = b"".join(checksum(block.tobytes()) for block in blocks)
    return coder.get_compressed().astype("<u4").tobytes(), checks


def decode(
    content: bytes,
    checks: bytes,
    shape: Shape,
    expected: Array | None = None,
    progress: Progress | None = None,
) -> Array:
    """What was encoded. Raises `UserError` where it is not what the ``checks`` are of."""
    guesses = None if expected is None else tiles(expected)
    pieces = tiled(shape)
    if len(checks) != CHECK * blocks_of(shape) or len(content) % 4:
        raise damaged("its parts do not have the lengths that it says")
    found = []
    for number, block in enumerate(_blocks(content, pieces, guesses, progress)):
        if checksum(block.tobytes()) != checks[CHECK * number : CHECK * (number + 1)]:
            raise _unlike()
        found.append(block)
    return untiled(np.concatenate(found), shape)


def blocks_of(shape: Shape) -> int:
    """How many checksums images of ``shape`` have."""
    return -(-tiled(shape)[0] // BLOCK)


def _blocks(
    content: bytes, shape: Shape, expected: Array | None, progress: Progress | None
) -> Iterator[Array]:
    stream = _constriction().stream
    words = np.frombuffer(content, "<u4").astype(np.uint32)
    coder, model = stream.queue.RangeDecoder(words), stream.model.Bernoulli(perfect=False)

    def get(p: Ints, bits: Ints | None) -> Ints:
        try:
            decoded = coder.decode(model, p.ravel() / ONE)
        except (AssertionError, ValueError):  # what no encoder has written
            raise _unlike() from None
        return np.asarray(decoded, np.int64).reshape(p.shape)

    return code(shape, expected, get, None, progress)


def tiled(shape: Shape) -> Shape:
    """The shape of the `tiles` of images of ``shape``."""
    n, height, width, channels = shape
    if min(height, width) <= _LARGEST:
        return shape
    return n * math.ceil(height / _TILE) * math.ceil(width / _TILE), _TILE, _TILE, channels


def tiles(values: Array) -> Array:
    """Large images in pieces, which are coded side by side; edges are repeated where a piece
    reaches beyond."""
    n, height, width, channels = values.shape
    count, side, _, _ = tiled((n, height, width, channels))
    if count == n:
        return values
    beyond = ((0, 0), (0, -height % side), (0, -width % side), (0, 0))
    whole = np.pad(values, beyond, mode="edge")
    rows, columns = whole.shape[1] // side, whole.shape[2] // side
    pieces = whole.reshape(n, rows, side, columns, side, channels)
    return pieces.transpose(0, 1, 3, 2, 4, 5).reshape(count, side, side, channels)


def untiled(pieces: Array, shape: Shape) -> Array:
    """The images of ``shape`` of which these are the `tiles`."""
    n, height, width, channels = shape
    if pieces.shape == shape:
        return pieces
    rows, columns = math.ceil(height / _TILE), math.ceil(width / _TILE)
    parts = pieces.reshape(n, rows, columns, _TILE, _TILE, channels)
    whole = parts.transpose(0, 1, 3, 2, 4, 5).reshape(n, rows * _TILE, columns * _TILE, channels)
    return whole[:, :height, :width]


def _unlike() -> UserError:
    return UserError(
        "the .glc file does not decode to what was compressed, so nothing of it is given: this"
        " machine computes otherwise than the one that made it, or the file was made up;"
        " decompress it where it was compressed"
    )


def _shape(sizes: tuple[int, ...]) -> Shape:
    n, height, width, channels = sizes
    return n, height, width, channels


def _constriction() -> Any:
    try:
        import constriction
    except ImportError:
        raise UserError(
            "compression needs the package constriction; pip install 'genlearn[compression]'"
        ) from None
    return constriction
