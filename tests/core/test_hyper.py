"""Hyper-parameters are read from a class once and serve constructor, flags and manifest."""

from dataclasses import dataclass
from typing import Literal

import pytest

from genlearn.core.errors import UserError
from genlearn.core.hyper import Among, Between, check_hypers, hyper, hypers, parse
from genlearn.core.registry import available, find
from genlearn.core.training import seconds


@dataclass(kw_only=True)
class Toy:
    width: int = hyper(3, "how wide", low=1, high=9)
    rate: float | None = hyper(None, "how fast", low=0)
    kind: Literal["a", "b"] = hyper("a", "which")
    layers: tuple[int, ...] = hyper((2, 3), "sizes", low=1)
    on: bool = hyper(False, "whether")


def test_types_defaults_and_ranges_are_read():
    h = hypers(Toy)
    assert list(h) == ["width", "rate", "kind", "layers", "on"]
    assert [h[name].kind for name in h] == [int, float, str, tuple, bool]
    assert h["rate"].optional
    assert h["kind"].choices == ("a", "b")
    check_hypers(Toy())


@pytest.mark.parametrize(("name", "text", "value"), [("width", "4", 4), ("rate", "1e-3", 1e-3), ("rate", "none", None), ("layers", "4,5", (4, 5))])
def test_texts_are_parsed(name, text, value):
    assert parse(hypers(Toy)[name], text) == value


@pytest.mark.parametrize(
    "bad",
    [{"width": 0}, {"width": 10}, {"width": 1.5}, {"width": "3"}, {"rate": -1}, {"rate": float("nan")}, {"kind": "c"}, {"layers": (0,)}, {"on": 1}],
)
def test_what_is_out_of_range_is_named_with_what_is_needed(bad):
    with pytest.raises(UserError, match=next(iter(bad))):
        check_hypers(Toy(**bad))


@pytest.mark.parametrize(("text", "length"), [("90s", 90), ("10m", 600), ("1.5h", 5400), ("1d", 86_400)])
def test_budgets(text, length):
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["0", "0m", "-3m", "ten", "", "5", "m"])
def test_budgets_that_are_none(text):
    with pytest.raises(UserError, match="above zero"):
        seconds(text)


def test_every_hyper_parameter_of_every_model_has_a_help_text():
    for name in available():
        assert all(len(h.help) > 5 for h in hypers(find(name)).values())


@pytest.mark.parametrize("search", [Between(5, 2), Between(0, 5, log=True), Between(0.5, 5), Between(2, 99), Among(1, 0), Among("a")])
def test_tuning_never_looks_at_what_is_not_allowed(search):
    @dataclass(kw_only=True)
    class Tuned:
        width: int = hyper(3, "how wide", low=1, high=9, search=search)

    with pytest.raises(UserError, match="width"):
        hypers(Tuned)


def test_where_tuning_looks_is_carried():
    @dataclass(kw_only=True)
    class Tuned:
        width: int | None = hyper(None, "how wide", low=1, high=9, search=Between(1, 8, log=True))
        kind: Literal["a", "b"] = hyper("a", "which", search=Among("a", "b"))

    assert hypers(Tuned)["width"].search == Between(1, 8, log=True)
    assert hypers(Tuned)["kind"].search.values == ("a", "b")
