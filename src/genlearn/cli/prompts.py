"""Prompts as they are typed: several, from a file, and with alternatives in braces that make a
grid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from ..core.errors import UserError
from ..data.open.encoding import decode
from .say import tell

_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


@dataclass(frozen=True)
class Prompts:
    """Texts in the order of a grid, and how many of them stand in a row; None for as many as look
    well. ``rows`` and ``heads`` name its rows and columns, where they have names."""

    texts: list[str]
    columns: int | None
    rows: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()


def prompts(typed: Sequence[str], file: str | None) -> Prompts | None:
    """What was typed, and the lines of ``file``; None where there is neither. Raises `UserError`
    for a file without lines."""
    every = [*typed, *(_lines(file) if file else ())]
    if not every:
        return None
    parts = [expanded(text) for text in every]
    texts = [text for part in parts for text in part.texts]
    columns = parts[0].columns or (1 if len(parts) > 1 else None)
    if any((part.columns or 1) != columns for part in parts):
        return Prompts(texts, columns)
    heads = parts[0].heads if len({part.heads for part in parts}) == 1 else ()
    return Prompts(texts, columns, tuple(name for part in parts for name in part.rows), heads)


def expanded(text: str) -> Prompts:
    """``text`` with every choice of its alternatives, as of "a {red,blue} {heart,star}"; the last
    ones make the columns."""
    parts = _BRACES.split(text)  # every other one is a list of alternatives
    choices = [
        [option.strip() for option in part.split(",")] if number % 2 else [part]
        for number, part in enumerate(parts)
    ]
    texts = ["".join(chosen) for chosen in product(*choices)]
    if len(parts) == 1:
        return Prompts(texts, None, (text,))
    *rest, last, end = choices
    rows = ("".join(chosen) for chosen in product(*rest, ["…"], end))
    return Prompts(texts, len(last), tuple(rows), tuple(last))


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
