"""The file: what is read back, and what is refused in one line."""

import hashlib
import zlib

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlearn.compression.container import Head, Parts, pack, unpack
from genlearn.core.errors import UserError

HEAD = Head(
    run="runs/a",
    fingerprint=bytes(8),
    tables=bytes(8),
    lossless=True,
    images=2,
    shape=(4, 5, 1),
    code="",
    places=(0, 0),
    steps=b"",
    checks=bytes(4),
    kinds=b"\0",
    verbatim=(),
    names=0,
    codes=0,
    pixels=0,
)
PARTS = Parts(["a.png", "b/ü.png", "c.gif"], b"codes", b"pixels!", [b"GIF"])


def signed(content):
    """``content`` with the digest that whoever makes a file can make, too."""
    return content + hashlib.blake2b(content, digest_size=8).digest()


def test_parts_come_back():
    head, parts = unpack(pack(HEAD, PARTS))
    assert parts == PARTS
    assert (head.names > 0, head.codes, head.pixels, head.verbatim) == (True, 5, 7, (3,))
    assert unpack(pack(HEAD, Parts([], b"", b"", [])))[1].names == []


def test_one_small_image_costs_little_more_than_its_bits():
    assert len(pack(HEAD, Parts([], b"", b"", []))) < 70


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_and_any_cut_is_told(place, change):
    content = bytearray(pack(HEAD, PARTS))
    place %= len(content)
    with pytest.raises(UserError, match=r"\.glc file"):
        unpack(bytes(content[:place]))
    content[place] ^= change
    with pytest.raises(UserError, match=r"\.glc file"):
        unpack(bytes(content))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(content):
    for given_ in (content, signed(b"GLC\1" + content)):
        with pytest.raises(UserError, match=r"\.glc file"):
            unpack(given_)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("images", -1),
        ("images", 1 << 50),
        ("shape", (0, 4, 1)),
        ("shape", (4, 1 << 30, 1)),
        ("shape", (4, 4)),
        ("fingerprint", b"short"),
        ("run", 7),
        ("run", "x" * 5000),
        ("pixels", 1 << 39),
        ("verbatim", (1 << 39,)),
    ],
)
def test_a_head_that_says_what_cannot_be_is_refused(field, value):
    about = msgspec.to_builtins(HEAD, builtin_types=(bytes,))
    about[Head.__struct_fields__.index(field)] = value
    raw = msgspec.msgpack.encode(about)
    with pytest.raises(UserError, match="damaged"):
        unpack(signed(b"GLC\1" + len(raw).to_bytes(4, "little") + raw))


@pytest.mark.parametrize(
    "raw", [zlib.compress(bytes(80 << 20)), b"no zlib", zlib.compress(b"\xc1")], ids=len
)
def test_names_that_are_none_are_refused(raw):
    head = msgspec.structs.replace(HEAD, names=len(raw))
    about = msgspec.msgpack.encode(head)
    content = b"GLC\1" + len(about).to_bytes(4, "little") + about + raw
    with pytest.raises(UserError, match="names"):
        unpack(signed(content))


def test_names_for_other_images_are_refused():
    with pytest.raises(UserError, match="1 names for 2 images"):
        unpack(pack(HEAD, Parts(["a"], b"", b"", [])))


def test_another_version_is_said():
    content = bytearray(pack(HEAD, PARTS))
    content[3] = 9
    with pytest.raises(UserError, match="version 1"):
        unpack(bytes(content))
    assert np.frombuffer(bytes(content), np.uint8)[3] == 9
