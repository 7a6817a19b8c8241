"""What was asked of a model, as it is written down and asked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ...core.errors import UserError
from ...core.options import OptionType, check_options
from ...data.text.prompt_grid import PromptGrid, count_of, prompt_grid
from ..library.runs import RunFolder
from .fields import Form

MOST = 100  # images that are drawn at a time
LARGEST_SEED = 2**31 - 1
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
        name: _value(field.option, texts[name], field.high)
        for name, field in form.every.items()
        if texts.get(name)
    }
    asked = Asked(
        texts.get("prompt", "") if form.prompts else "",
        _whole(texts.get("number") or "8", "number", 1, MOST),
        _whole(texts.get("seed") or "0", "seed", 0, LARGEST_SEED),
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


def _value(option: OptionType, text: str, high: float | None) -> Value:
    """What was typed, as the option takes it."""
    if option.kind is int:
        return _whole(text, option.name, option.about.low, high)
    if option.kind is not float:
        return text
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise UserError(f"{option.name}={text[:40]!r} was given; it is a number") from None


def _whole(text: str, name: str, low: float | None, high: float | None) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
    if number is None or (low is not None and number < low) or (high and number > high):
        least = f" from {low:g}" if low is not None else ""
        most = f" to {high:,.0f}" if high else ""
        raise UserError(f"{name}={text[:40]!r} was given; it is a whole number{least}{most}")
    return number
