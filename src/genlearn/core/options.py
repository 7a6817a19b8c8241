"""What can be asked of a sample, beside how many and which: one typed table for Python, the command
line and checks.

A model names the options that its `sample` takes by a typed dictionary (``sampling_options``); each
option carries what a face needs to know of it. Python signatures are ``**options:
Unpack[DiffusionOptions]``; flags and checks are derived.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict, get_args, get_origin

from .errors import UserError, nearest
from .params import LARGEST, is_bounded, is_of_kind

Quality = Literal["fast", "balanced", "best"]
Threshold = Literal["none", "static", "dynamic"]
STRENGTH = 0.6


@dataclass(frozen=True)
class Option:
    """``help``; what a model that does not take it ``lacks``; the range, ends included."""

    help: str
    lacks: str
    low: float | None = None
    high: float | None = None


class SamplingOptions(TypedDict, total=False):
    """No options: what models take that draw in one way only."""


class ClassOptions(SamplingOptions, total=False):
    """Draws of a class."""

    label: Annotated[
        str | int | None,
        Option("class to draw from, by name or number (default: any)", "knows no classes"),
    ]


class PromptOptions(SamplingOptions, total=False):
    """Draws as a text says, in steps."""

    prompt: Annotated[
        str | Sequence[str] | None,
        Option("what to draw, or several texts in turn", "reads no captions"),
    ]
    negative: Annotated[
        str | None, Option("what guidance leads away from, beside a prompt", "reads no captions")
    ]
    guidance: Annotated[
        float | None,
        Option(
            "how far to exaggerate what tells a class or prompt from others; 1 for not at all",
            "has no guidance",
            low=0,
        ),
    ]
    steps: Annotated[int | None, Option("steps from noise to data", "draws at once", low=1)]


class StepOptions(ClassOptions, PromptOptions, total=False):
    """Draws of a class or as a text says, in steps."""


class EnlargingOptions(StepOptions, total=False):
    """Draws kept in range."""

    threshold: Annotated[
        Threshold | None,
        Option("keep images in range at each step", "goes no way from noise to data"),
    ]


class CascadeOptions(EnlargingOptions, total=False):
    """Draws that may start from examples."""

    init: Annotated[
        Any,
        Option(
            "examples to start from instead of noise, in turn", "goes no way from noise to data"
        ),
    ]
    strength: Annotated[
        float | None,
        Option(
            f"share of the steps left to take from init, 1 to draw all anew (default: {STRENGTH})",
            "goes no way from noise to data",
            high=1,
        ),
    ]


class DiffusionOptions(CascadeOptions, total=False):
    """Draws by a sampler of choice."""

    sampler: Annotated[
        str | None, Option("how to step from noise to data", "has no samplers to choose from")
    ]
    quality: Annotated[
        Quality | None,
        Option("as many steps as this takes, as measured", "has no samplers to choose from"),
    ]


class StyleOptions(ClassOptions, total=False):
    """Draws in a style, layer by layer."""

    truncation: Annotated[
        float | None,
        Option(
            "how far styles may be from their average, 1 for as far as they are", "has no styles"
        ),
    ]
    mixing: Annotated[
        int | None,
        Option("coarse layers that follow one noise, the others another", "has no styles", low=0),
    ]


class ConditionOptions(SamplingOptions, total=False):
    """Draws under conditions on columns."""

    where: Annotated[
        str | None,
        Option(
            "conditions on columns of a table, such as 'species=Gentoo, mass>5000'",
            "draws under no conditions on columns",
        ),
    ]
    balance: Annotated[
        str | None,
        Option(
            "column of a table of which each level is drawn equally often",
            "draws under no conditions on columns",
        ),
    ]


KINDS: tuple[type[SamplingOptions], ...] = (DiffusionOptions, StyleOptions, ConditionOptions)


@dataclass(frozen=True)
class OptionType:
    """An option as a face sees it: ``kind`` is str, int, float or object, ``choices`` what it is
    one of."""

    name: str
    kind: type
    choices: tuple[str, ...]
    about: Option

    def check(self, value: Any) -> None:
        """Raise `UserError` where ``value`` is out of range or no choice."""
        if value is None:
            return
        if self.choices and value not in self.choices:
            raise UserError(f"{self.name}={value!r} was given; {nearest(str(value), self.choices)}")
        if self.kind not in (int, float):
            return
        low, high = self.about.low, self.about.high
        if not is_of_kind(value, self.kind) or not is_bounded(value):
            noun = f"a whole number up to {LARGEST:,}" if self.kind is int else "a number"
            raise UserError(f"{self.name}={value!r} was given; it is {noun}")
        if low is not None and value < low:
            raise UserError(f"{self.name}={value!r} was given; it is at least {low:g}")
        if high is not None and value > high:
            raise UserError(f"{self.name}={value!r} was given; it is at most {high:g}")


def options_of(kind: type[Any]) -> dict[str, OptionType]:
    """The options of a typed dictionary, by name."""
    return {
        name: _read(name, hint)
        for name, hint in typing.get_type_hints(kind, include_extras=True).items()
    }


def check_options(given: Mapping[str, Any], kind: type[Any], model: str) -> None:
    """Raise `UserError` for options that a ``model`` of ``kind`` does not take, out of range, or at
    odds with one another."""
    known = options_of(kind)
    for name, value in given.items():
        if name not in known:
            every = {k: v for one in KINDS for k, v in options_of(one).items()}
            why = (
                f"which {every[name].about.lacks}"
                if name in every
                else f"which has no such option: {nearest(name, known)}"
            )
            raise UserError(f"{name}={value!r} was given to a model of {model}, {why}")
        known[name].check(value)
    there = {name for name, value in given.items() if value is not None}
    if {"steps", "quality"} <= there:
        raise UserError(
            f"steps={given['steps']} and quality={given['quality']!r} were given; give one of them"
        )
    if "negative" in there and "prompt" not in there:
        raise UserError(
            f"negative={given['negative']!r} was given without a prompt; give what to lead to as"
            " well"
        )
    if "strength" in there and "init" not in there:
        raise UserError(
            f"strength={given['strength']} was given without init; give the examples that it says"
            " how much to change of"
        )
    if "strength" in there and given["strength"] <= 0:
        raise UserError(
            f"strength={given['strength']} was given; it is above 0, to change little, and at most"
            " 1, to change all"
        )


def _read(name: str, hint: Any) -> OptionType:
    value, about = get_args(hint)
    parts = [part for part in get_args(value) or (value,) if part is not type(None)]
    literal = next((part for part in parts if get_origin(part) is Literal), None)
    plain = [part for part in parts if part in (str, int, float)]
    kind = str if literal or str in plain else plain[0] if plain else object
    return OptionType(name, kind, get_args(literal) if literal else (), about)
