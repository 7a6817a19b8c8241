"""Kinds of sources and text encoders of other packages: who is asked when, and what is said of
those that are not there."""

from types import SimpleNamespace

import numpy as np
import pytest

from genlearn.core.errors import UserError
from genlearn.core.registry import Registry
from genlearn.data import open_data
from genlearn.data.open.dispatch import SOURCES
from genlearn.data.sources.arrays import ArraySource
from genlearn.data.text.text_encoder import TEXT_ENCODERS, text_encoder


class Counting:
    """Takes texts such as "count:5", and dictionaries; remembers what it was asked about."""

    def __init__(self):
        self.asked = []

    def accepts(self, given):
        self.asked.append(given)
        return isinstance(given, dict) or str(given).startswith("count:")

    def open(self, given):
        n = len(given) if isinstance(given, dict) else int(given.partition(":")[2])
        return ArraySource({"": np.arange(2.0 * n).reshape(n, 2)}, {})


@pytest.fixture
def counting(monkeypatch):
    """A package's kind of source, installed."""
    kind = Counting()
    point = SimpleNamespace(name="counting", load=lambda: kind)
    monkeypatch.setattr(
        Registry, "_foreign", lambda self: {"counting": point} if self is SOURCES else {}
    )
    return kind


def test_a_package_adds_a_kind_of_source(counting):
    assert "counting" in SOURCES.available()
    assert len(open_data("count:5")) == 5
    assert len(open_data({"a": 1, "b": 2, "c": 3})) == 3


def test_what_ours_know_by_its_class_is_theirs(counting):
    pandas = pytest.importorskip("pandas")
    assert len(open_data(pandas.DataFrame({"a": [1.0, 2.0], "b": [0.0, 5.0]}))) == 2
    assert counting.asked == []
    assert len(open_data("digits")) == 1797
    assert counting.asked == ["digits"]


def test_without_it_the_text_is_an_unknown_name():
    with pytest.raises(UserError, match="named set"):
        open_data("count:5")
    with pytest.raises(UserError, match="dict was given"):
        open_data({})


def test_a_text_encoder_has_a_name(monkeypatch):
    made = object()
    point = SimpleNamespace(name="toy", load=lambda: lambda: made)
    monkeypatch.setattr(
        Registry, "_foreign", lambda self: {"toy": point} if self is TEXT_ENCODERS else {}
    )
    assert text_encoder("toy") is made
    with pytest.raises(UserError, match="neither 'minilm', 'toy', a folder, nor an id"):
        text_encoder("nothing")
