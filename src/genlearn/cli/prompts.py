"""Prompts as they are typed: several, and from a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.errors import UserError
from ..data.open.encoding import decode
from ..data.text.prompt_grid import PromptGrid, prompt_grid
from .say import tell


def prompts(typed: Sequence[str], file: str | None) -> PromptGrid | None:
    """What was typed, and the lines of ``file``; None where there is neither. Raises `UserError`
    for a file without lines."""
    every = [*typed, *(_lines(file) if file else ())]
    return prompt_grid(every) if every else None


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
