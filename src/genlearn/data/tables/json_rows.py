"""Tables in JSON: a list of objects, an object of columns, or one object a line. (pandas' own
reader rounds numbers and guesses dates.)

Lines end at line feeds alone (jsonlines.org): other ends of lines may stand inside texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.disk.json_text import parse_json
from ...core.errors import UserError
from ..open.encoding import decode

if TYPE_CHECKING:
    import pandas as pd


def read_json(path: Path) -> pd.DataFrame:
    """The table in the file at ``path``. Raises `UserError` and ValueError where it is none."""
    import pandas as pd

    text, _ = decode(path.read_bytes())
    try:
        content = _loads(text)
    except UserError:
        raise
    except ValueError:
        if path.suffix.lower() == ".json" and not text.lstrip().startswith("{"):
            raise
        lines = enumerate(text.split("\n"), 1)
        return pd.DataFrame([_row(number, line) for number, line in lines if line.strip()])
    if isinstance(content, list) and all(isinstance(row, dict) for row in content):
        return pd.DataFrame(content)
    if not isinstance(content, dict):
        raise UserError("it is neither objects, one for each row, nor an object of columns")
    columns = path.suffix.lower() == ".json" and any(
        isinstance(value, (list, dict)) for value in content.values()
    )
    return pd.DataFrame(content if columns else [content])


def _row(number: int, line: str) -> dict[str, Any]:
    try:
        row = _loads(line)
    except UserError as error:
        raise UserError(f"line {number}: {error}") from None
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise UserError(f"line {number} is not a JSON object; each line must be one")
    return row


def _loads(text: str) -> Any:
    return parse_json(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; Raises `UserError` where it names a thing twice, which JSON leaves undefined."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(f"an object has {twice!r} twice; rename one")
    return found
