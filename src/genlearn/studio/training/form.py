"""The form of a model, made of its hyper-parameters: one dial and a budget, the rest folded away.

What stands in a field is the text that a flag of the command line would take; an empty one leaves
the choice to the model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import UserError
from ...core.estimator_types import GradientTrained, seconds
from ...core.params import Param, check_params, params_of, parse_param
from ..controls import Control
from .cards import ModelCard

_OWN_FIELDS = ("budget", "device", "devices")  # that the form asks for elsewhere, or not at all
_TRAINING = frozenset(GradientTrained.__dataclass_fields__)  # how, rather than what, is learned


@dataclass(frozen=True)
class Form:
    """The ``dial`` stands at the top; ``own`` fields are the model's, ``training`` those of how it
    learns."""

    dial: Control | None
    own: list[Control]
    training: list[Control]


def form_of(card: ModelCard) -> Form:
    """The form of a model."""
    params = [param for name, param in params_of(card.model).items() if name not in _OWN_FIELDS]
    searched = [param for param in params if param.search]
    dials = [param for param in searched if param.name == "size"] or searched
    rest = [_control(param) for param in params if param not in dials[:1]]
    return Form(
        _control(dials[0]) if dials else None,
        [control for control in rest if control.name not in _TRAINING],
        [control for control in rest if control.name in _TRAINING],
    )


def flags_from(card: ModelCard, given: Mapping[str, str]) -> list[str]:
    """The flags that the filled-in form stands for. Raises `UserError` where something in it cannot
    be."""
    known = params_of(card.model)
    texts = {
        name: text.strip()
        for name, text in given.items()
        if name in known and name not in _OWN_FIELDS and text.strip()
    }
    values = {name: parse_param(known[name], text) for name, text in texts.items()}
    check_params(card.model(**values))
    return [part for name, value in values.items() for part in _flag(known[name], value)]


def _control(param: Param) -> Control:
    return Control(
        name=param.name,
        label=param.name.replace("_", " "),
        about=param.help,
        of=param.kind,
        usual=_usual(param.default),
        choices=("yes", "no") if param.kind is bool else param.choices,
        low=param.low,
        high=None if param.high == math.inf else param.high,
    )


def _usual(value: Any) -> str:
    """A default in words."""
    if value is None:
        return "by the data"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def budget_from(text: str) -> tuple[list[str], float | None]:
    """The flag of a time, such as 30s or 10m, and its seconds; nothing for no text. Raises
    `UserError` for another text."""
    text = text.strip()
    return (["--budget", text], seconds(text)) if text else ([], None)


def _flag(param: Param, value: Any) -> list[str]:
    name = param.name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if value is None:
        return [f"--{name}", "none"]
    return [f"--{name}", ",".join(map(str, value)) if isinstance(value, tuple) else str(value)]


def refuse_both(flags: list[str], budget: list[str]) -> None:
    """Raise `UserError` where steps and a time were given."""
    if "--steps" in flags and budget:
        raise UserError(
            "steps and a time were given; a training ends after one of them: leave one empty"
        )
