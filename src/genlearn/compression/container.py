"""The file: a head that says what follows, the parts, and a digest of all that stands before it.

    "GLC" version | length of the head | head | names | codes | pixels | files | digest

The head is msgpack of fixed fields, each within limits; the parts have the lengths that it says,
together those of the file, before anything is read or reserved by them. A digest tells what was cut
short or edited; since whoever makes a file can make that too, nothing in it is taken on trust.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import Annotated

import msgspec
from msgspec import Meta

from ..core.errors import UserError

_MAGIC, VERSION = b"GLC", 1
_DIGEST, _LENGTH = 8, 4
_NAMES = 64 << 20  # bytes of all names, at most

Count = Annotated[int, Meta(ge=0, le=1 << 40)]
Side = Annotated[int, Meta(ge=1, le=1 << 20)]
Short = Annotated[str, Meta(max_length=4096)]
Eight = Annotated[bytes, Meta(min_length=8, max_length=8)]


class Head(msgspec.Struct, array_like=True, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``images`` of ``shape`` (H, W, C), coded by the run ``run``, whose weights are called
    ``fingerprint``, with tables called ``tables``.

    ``lossless``: whether pixels follow the codes. ``code``: "" for none, "words" or "numbers" at
    ``places`` (H, W), the numbers in ``steps``, by quarters of a power of two for each place.
    ``checks``: one for each block of decoded values, codes first. ``kinds``: how each image was
    stored, by number, one for all of them if they are alike.
    """

    run: Short
    fingerprint: Eight
    tables: Eight
    lossless: bool
    images: Count
    shape: tuple[Side, Side, Side]
    code: Short
    places: tuple[Count, Count]
    steps: bytes
    checks: bytes
    kinds: bytes
    verbatim: tuple[Count, ...]  # bytes of each file that is kept as it was
    names: Count  # bytes of each part
    codes: Count
    pixels: Count


class Parts(msgspec.Struct, frozen=True):
    """What follows the head. ``names``: of the images, then of the ``files`` that are kept as they
    were; without names, images are numbered."""

    names: list[str]
    codes: bytes
    pixels: bytes
    files: list[bytes]


def pack(head: Head, parts: Parts) -> bytes:
    """The file; the lengths in ``head`` are filled in."""
    names = zlib.compress(msgspec.msgpack.encode(parts.names), 9) if parts.names else b""
    full = msgspec.structs.replace(
        head,
        names=len(names),
        codes=len(parts.codes),
        pixels=len(parts.pixels),
        verbatim=tuple(map(len, parts.files)),
    )
    about = msgspec.msgpack.encode(full)
    start = _MAGIC + bytes([VERSION]) + len(about).to_bytes(_LENGTH, "little")
    content = b"".join([start, about, names, parts.codes, parts.pixels, *parts.files])
    return content + _digest(content)


def unpack(content: bytes) -> tuple[Head, Parts]:
    """What was packed. Raises `UserError` for anything else."""
    start = len(_MAGIC) + 1 + _LENGTH
    if content[: len(_MAGIC)] != _MAGIC:
        raise UserError("this is no .glc file; give one that `genlearn compress` wrote")
    if content[len(_MAGIC)] != VERSION if len(content) > len(_MAGIC) else True:
        raise UserError(
            f"this .glc file is not of version {VERSION}, the one that is read here; take the"
            " genlearn that wrote it"
        )
    if len(content) < start + _DIGEST or _digest(content[:-_DIGEST]) != content[-_DIGEST:]:
        raise damaged("it was cut short or changed after it was written")
    length = int.from_bytes(content[start - _LENGTH : start], "little")
    body = content[start:-_DIGEST]
    try:
        head = msgspec.msgpack.decode(body[:length], type=Head)
    except msgspec.DecodeError as error:
        raise damaged(f"its head says what cannot be: {error}") from None
    lengths = (length, head.names, head.codes, head.pixels, *head.verbatim)
    if sum(lengths) != len(body):
        raise damaged("its parts do not have the lengths that it says")
    ends = _ends(lengths)
    pieces = [body[end - size : end] for end, size in zip(ends, lengths, strict=True)]
    return head, Parts(_names(pieces[1], head), pieces[2], pieces[3], pieces[4:])


def damaged(why: str) -> UserError:
    """The error that says so."""
    return UserError(f"the .glc file is damaged: {why}; take another copy, or compress again")


def checksum(values: bytes) -> bytes:
    """Four bytes that tell values decoded otherwise."""
    return zlib.crc32(values).to_bytes(4, "little")


def _names(packed: bytes, head: Head) -> list[str]:
    if not packed:
        names: list[str] = []
    else:
        unpacker = zlib.decompressobj()
        try:
            raw = unpacker.decompress(packed, _NAMES)
            if unpacker.unconsumed_tail:
                raise damaged("its names take more room than names do")
            names = msgspec.msgpack.decode(raw, type=list[Short])
        except (zlib.error, msgspec.DecodeError):
            raise damaged("its names cannot be read") from None
    needed = head.images + len(head.verbatim)
    if len(names) != needed and (names or head.verbatim):
        raise damaged(f"it has {len(names):,} names for {needed:,} images")
    return names


def _ends(lengths: tuple[int, ...]) -> list[int]:
    total, ends = 0, []
    for length in lengths:
        total += length
        ends.append(total)
    return ends


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST).digest()
