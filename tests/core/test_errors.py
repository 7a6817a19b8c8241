"""What is printed is one line that steers nothing."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlearn.core.errors import UserError, exhausted
from genlearn.core.text import escaped, printable, writable


@given(st.text())
def test_any_text_becomes_one_line_to_print(text):
    assert printable(text).isprintable()
    assert str(UserError(text)) == printable(text)
    assert all(line.isprintable() for line in escaped(text).split("\n"))


def test_bytes_and_halves_of_characters_can_be_written():
    assert writable(b"caf\xe9".decode(errors="surrogateescape")) == "caf\\xe9"
    assert writable("\ud83d") == "\\ud83d"
    assert escaped("\ud800\udc80x").isprintable()


def test_printable_text_stays_and_long_text_loses_its_middle():
    assert printable("größer als 猫 1.5 µm") == "größer als 猫 1.5 µm"
    assert printable("a\x1b[31mb\nc") == "a\\x1b[31mb c"
    line = printable("a" * 10_000 + "b" * 10_000)
    assert len(line) < 1000
    assert line.startswith("aaa")
    assert line.endswith("bbb")


@pytest.mark.parametrize(
    "allocate",
    [
        lambda: np.zeros(2**50),
        lambda: torch.zeros(2**50),
        lambda: np.zeros((2**40, 2**40)),
        lambda: torch.zeros(2**40, 2**40),
    ],
)
def test_memory_that_is_not_to_be_had_is_told_as_such(allocate):
    with pytest.raises((MemoryError, RuntimeError, ValueError)) as error:
        allocate()
    assert "not enough memory" in exhausted(error.value)
    assert exhausted(ValueError("x")) == ""
