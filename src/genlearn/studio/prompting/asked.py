"""What was asked of a model, as it is written down and asked again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from ...core.errors import UserError
from ...core.options import check_options
from ...data.text.prompt_grid import PromptGrid, count_of, prompt_grid
from ..controls import Control
from ..library.runs import RunFolder
from ..typed import LARGEST, whole_number
from .fields import Form

MOST = 100  # images that are drawn at a time
_LONGEST = 2000  # letters of a prompt
Value = str | int | float


class Asked(msgspec.Struct, frozen=True):
    """``prompt`` as it was typed, a line each; ``number`` of samples of each text; ``options`` of
    `sample` by name; ``start`` names what it starts from, "" for noise."""

    prompt: str = ""
    number: int = 8
    seed: int = 0
    options: dict[str, Value] = {}
    start: str = ""

    @property
    def lines(self) -> list[str]:
        """What is to be drawn; none where the model is not told."""
        return [line.strip() for line in self.prompt.splitlines() if line.strip()]

    @property
    def grid(self) -> PromptGrid | None:
        """The texts that the lines stand for."""
        return prompt_grid(self.lines) if self.lines else None


def asked_from(run: RunFolder, form: Form, given: Mapping[str, Any]) -> Asked:
    """What the filled-in ``form`` asks of the model of ``run``. Raises `UserError` where that
    cannot be."""
    texts = {name: text.strip() for name, text in given.items() if isinstance(text, str)}
    options = {
        name: _value(field, texts[name]) for name, field in form.every.items() if texts.get(name)
    }
    asked = Asked(
        texts.get("prompt", "") if form.prompts else "",
        whole_number(texts.get("number"), "number", MOST, 8, low=1),
        whole_number(texts.get("seed"), "seed", LARGEST, 0),
        options,
        texts.get("start", "") if form.starts else "",
    )
    check(run, asked)
    return asked


def check(run: RunFolder, asked: Asked) -> None:
    """Raise `UserError` where ``asked`` is too much, or nothing that the model of ``run``
    takes."""
    longest = max(len(str(text)) for text in (asked.prompt, *asked.options.values()))
    if longest > _LONGEST:
        raise UserError(f"a text of {longest:,} letters was given; it has at most {_LONGEST:,}")
    texts = sum(map(count_of, asked.lines)) or 1
    if texts * asked.number > MOST:
        raise UserError(
            f"{texts:,} texts, {asked.number} samples each, were asked for; at most {MOST} images"
            " are drawn at a time: take fewer of either"
        )
    told: dict[str, Any] = {**asked.options}
    told |= {"prompt": asked.prompt} if asked.lines else {}
    told |= {"init": asked.start} if asked.start else {}
    check_options(told, run.model_class.sampling_options, run.name)


def _value(field: Control, text: str) -> Value:
    """What was typed, as the option takes it."""
    if field.of is int:
        most = math.inf if field.high is None else field.high
        return whole_number(text, field.name, most, low=int(field.low or 0))
    if field.of is not float:
        return text
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise UserError(f"{field.name}={text[:40]!r} was given; it is a number") from None
