"""Prompts as they are typed: several, and from a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..data import open_data
from ..data.open.encoding import decode
from ..data.text.prompt_grid import PromptGrid, prompt_grid
from ..data.text.unknown_words import unknown_words, words_of
from .data_io import learned_from
from .say import tell

_READ = 100_000  # examples, up to which the captions that a run learned from are read again


def prompts(typed: Sequence[str], file: str | None) -> PromptGrid | None:
    """What was typed, and the lines of ``file``; None where there is neither. Raises `UserError`
    for a file without lines."""
    every = [*typed, *(_lines(file) if file else ())]
    return prompt_grid(every) if every else None


def tell_unknown(run: str, model: Any, texts: Sequence[str]) -> None:
    """Say which words of ``texts`` are in no caption that ``run`` learned from, where these can be
    read in a moment."""
    known = learned_from(run)
    if not texts or not known.source or model.n_samples_ > _READ:
        return
    try:
        data = open_data(known.source, like=model.spec_, **known.options)
    except UserError:  # it is gone, or has changed
        return
    # where there are classes alone, what these are called has been learned, by a template
    captions = data.captions or [*data.spec.classes, getattr(model, "template", "")]
    for line in unknown_words(texts, words_of(captions)):
        tell(line)


def _lines(file: str) -> list[str]:
    try:
        text, guessed = decode(Path(file).read_bytes())
    except UnicodeError as error:
        raise UserError(f"{file} cannot be read as text ({error}); save it as UTF-8") from None
    if guessed:
        tell(f"{file}: {guessed}")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        raise UserError(f"{file} holds no prompts; write one in each line")
    return lines
