"""The form of what can be asked of a model's samples, made of the options that its `sample` takes
and of what the model would do by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...core.options import OptionType, options_of
from ...core.params import params_of
from ...core.spec import ImageSpec
from ..controls import Control
from ..library.runs import RunFolder

_PROMPTS, _CLASSES = {"prompt", "negative"}, {"label"}
_OF_ANY = {"guidance"}  # what it exaggerates is a class or a prompt
_APART = {"prompt", "init"}  # a field of its own in the page
_MOST = {"steps": 1000}  # more change nothing, and nobody waits for them


@dataclass(frozen=True)
class Form:
    """``prompts``: whether there is a prompt; ``starts``: whether samples may start from examples;
    ``fields`` are the options to give at will, ``how`` those that choose a way of drawing."""

    prompts: bool
    starts: bool
    fields: list[Control]
    how: list[Control]

    @property
    def every(self) -> dict[str, Control]:
        """All fields, by the names of their options."""
        return {field.name: field for field in (*self.fields, *self.how)}


def form_of(run: RunFolder) -> Form:
    """The form of the model of ``run``: without what it did not learn."""
    taken = _taken(run)
    fields = [_field(run, one) for name, one in taken.items() if name not in _APART]
    return Form(
        "prompt" in taken,
        "init" in taken and isinstance(run.spec, ImageSpec),
        [field for field in fields if not field.choices or field.name in _CLASSES],
        [field for field in fields if field.choices and field.name not in _CLASSES],
    )


def classes_of(run: RunFolder) -> tuple[str, ...]:
    """The classes that its model learned to draw, by name."""
    condition = run.manifest["hyper"].get("condition")
    learned = condition == "label" or (condition == "auto" and not run.takes_prompts)
    return run.spec.classes if learned and "label" in _options(run) else ()


def _taken(run: RunFolder) -> dict[str, OptionType]:
    left = set() if run.takes_prompts else set(_PROMPTS)
    left |= set() if classes_of(run) else _CLASSES
    left |= _OF_ANY if left >= _PROMPTS | _CLASSES else set()
    return {name: one for name, one in _options(run).items() if name not in left}


def _options(run: RunFolder) -> dict[str, OptionType]:
    return options_of(run.model_class.sampling_options)


def _field(run: RunFolder, option: OptionType) -> Control:
    choices, usual = _choices(run, option)
    names = {"label": "Class", "negative": "Negative prompt"}
    return Control(
        name=option.name,
        label=names.get(option.name, option.name.capitalize()),
        about=option.about.help,
        of=option.kind,
        usual=usual,
        choices=choices,
        low=option.about.low,
        high=_MOST.get(option.name, option.about.high),
    )


def _choices(run: RunFolder, option: OptionType) -> tuple[tuple[str, ...], str]:
    """What can be chosen, and what the model would do by itself."""
    if option.name == "label":
        return classes_of(run), "any"
    params = params_of(run.model_class)
    param = params.get(f"sampling_{option.name}") or params.get(option.name)
    value: Any = run.manifest["hyper"].get(param.name) if param else None
    choices = option.choices or (param.choices if param else ())
    return tuple(choices), "" if value is None else f"{value}"
