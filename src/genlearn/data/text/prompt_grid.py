"""Prompts as they are typed, with alternatives in braces that make a grid."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


@dataclass(frozen=True)
class PromptGrid:
    """Texts in the order of a grid, and how many of them stand in a row; None for as many as look
    well. ``rows`` and ``heads`` name its rows and columns, where they have names."""

    texts: list[str]
    columns: int | None
    rows: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()


def prompt_grid(typed: Sequence[str]) -> PromptGrid:
    """One grid of all that was ``typed``, at least one text."""
    parts = [expanded(text) for text in typed]
    texts = [text for part in parts for text in part.texts]
    columns = parts[0].columns or (1 if len(parts) > 1 else None)
    if any((part.columns or 1) != columns for part in parts):
        return PromptGrid(texts, columns)
    heads = parts[0].heads if len({part.heads for part in parts}) == 1 else ()
    return PromptGrid(texts, columns, tuple(name for part in parts for name in part.rows), heads)


def expanded(text: str) -> PromptGrid:
    """``text`` with every choice of its alternatives, as of "a {red,blue} {heart,star}"; the last
    ones make the columns."""
    choices = _choices(text)
    texts = ["".join(chosen) for chosen in product(*choices)]
    if len(choices) == 1:
        return PromptGrid(texts, None, (text,))
    *rest, last, end = choices
    rows = ("".join(chosen) for chosen in product(*rest, ["…"], end))
    return PromptGrid(texts, len(last), tuple(rows), tuple(last))


def count_of(text: str) -> int:
    """How many texts ``text`` stands for, which none of them is made for."""
    return math.prod(map(len, _choices(text)))


def _choices(text: str) -> list[list[str]]:
    """The parts of ``text`` in turn, each as all that it may be."""
    parts = _BRACES.split(text)  # every other one is a list of alternatives
    return [
        [option.strip() for option in part.split(",")] if number % 2 else [part]
        for number, part in enumerate(parts)
    ]
