"""What the commands print: lines in which names and captions, which others wrote, steer nothing."""

from __future__ import annotations

import re

import click
import pandas as pd

from ..core.text import escaped

_FORMULA = re.compile(r"\s*([=@]|[+-].*[(|!])")  # what a spreadsheet would compute


def say(text: str, err: bool = False) -> None:
    """Print ``text``, control characters in it as escapes."""
    click.echo(escaped(text), err=err)


def tell(line: str) -> None:
    """`say` it on standard error, where what is told beside the result goes."""
    say(line, err=True)


def as_text(cell: object) -> object:
    """``cell`` as a spreadsheet shows it without computing it: with an apostrophe before a
    formula."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with its texts and names `as_text`."""
    texts = table.select_dtypes(exclude="number")
    safe = table if texts.empty else texts.map(as_text).join(table.drop(columns=texts.columns))
    return safe[table.columns].rename(columns=as_text)
