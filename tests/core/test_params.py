"""Hyper-parameters are read from a class once and serve constructor, flags and manifest."""

from dataclasses import dataclass
from typing import Literal

import pytest

from genlearn.core.errors import UserError
from genlearn.core.estimator_types import seconds
from genlearn.core.params import Choice, Range, check_params, param, params_of, parse_param
from genlearn.core.registry import available, find


@dataclass(kw_only=True)
class Toy:
    width: int = param(3, "how wide", low=1, high=9)
    rate: float | None = param(None, "how fast", low=0)
    kind: Literal["a", "b"] = param("a", "which")
    layers: tuple[int, ...] = param((2, 3), "sizes", low=1)
    on: bool = param(False, "whether")


def test_types_defaults_and_ranges_are_read():
    h = params_of(Toy)
    assert list(h) == ["width", "rate", "kind", "layers", "on"]
    assert [h[name].kind for name in h] == [int, float, str, tuple, bool]
    assert h["rate"].optional
    assert h["kind"].choices == ("a", "b")
    check_params(Toy())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("width", "4", 4), ("rate", "1e-3", 1e-3), ("rate", "none", None), ("layers", "4,5", (4, 5))],
)
def test_texts_are_parsed(name, text, value):
    assert parse_param(params_of(Toy)[name], text) == value


@pytest.mark.parametrize(
    "bad",
    [
        {"width": 0},
        {"width": 10},
        {"width": 1.5},
        {"width": "3"},
        {"rate": -1},
        {"rate": float("nan")},
        {"kind": "c"},
        {"layers": (0,)},
        {"on": 1},
    ],
)
def test_what_is_out_of_range_is_named_with_what_is_needed(bad):
    with pytest.raises(UserError, match=next(iter(bad))):
        check_params(Toy(**bad))


@pytest.mark.parametrize(
    ("text", "length"), [("90s", 90), ("10m", 600), ("1.5h", 5400), ("1d", 86_400)]
)
def test_budgets(text, length):
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["0", "0m", "-3m", "ten", "", "5", "m"])
def test_budgets_that_are_none(text):
    with pytest.raises(UserError, match="above zero"):
        seconds(text)


def test_every_hyper_parameter_of_every_model_has_a_help_text():
    for name in available():
        assert all(len(h.help) > 5 for h in params_of(find(name)).values())


@pytest.mark.parametrize(
    "search",
    [Range(5, 2), Range(0, 5, log=True), Range(0.5, 5), Range(2, 99), Choice(1, 0), Choice("a")],
)
def test_tuning_never_looks_at_what_is_not_allowed(search):
    @dataclass(kw_only=True)
    class Tuned:
        width: int = param(3, "how wide", low=1, high=9, search=search)

    with pytest.raises(UserError, match="width"):
        params_of(Tuned)


def test_where_tuning_looks_is_carried():
    @dataclass(kw_only=True)
    class Tuned:
        width: int | None = param(None, "how wide", low=1, high=9, search=Range(1, 8, log=True))
        kind: Literal["a", "b"] = param("a", "which", search=Choice("a", "b"))

    assert params_of(Tuned)["width"].search == Range(1, 8, log=True)
    assert params_of(Tuned)["kind"].search.values == ("a", "b")


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("No", False), ("false", False), ("on", True), ("0", False)]
)
def test_truth_is_read_as_it_is_meant(text, value):
    assert parse_param(params_of(Toy)["on"], text) is value


def test_what_is_neither_true_nor_false_is_told():
    with pytest.raises(UserError, match="on='maybe' was given; on is true or false"):
        parse_param(params_of(Toy)["on"], "maybe")
