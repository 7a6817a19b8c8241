"""Tables that spreadsheets open without computing what others wrote into their cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(r"\s*([=@]|[+-].*[(|!])")  # what a spreadsheet would compute


def as_text(cell: object) -> object:
    """``cell`` as a spreadsheet shows it without computing it: with an apostrophe before a
    formula."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with its texts and names `as_text`."""
    texts = table.select_dtypes(exclude="number")
    safe = table if texts.empty else texts.map(as_text).join(table.drop(columns=texts.columns))
    return safe[table.columns].rename(columns=as_text)
