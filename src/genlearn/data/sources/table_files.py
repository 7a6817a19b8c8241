"""Tables in files: parquet, arrow, csv, tsv and json. A column of images (bytes or paths) makes
them a set of images instead.

Read with pyarrow and pandas directly: ``datasets`` would first copy every file into a cache of its
own.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ...core.errors import UserError
from ..dataset import Dataset
from ..open.labels import classes_beside
from ..open.options import Options
from ..prepare.cache import key_of, stamp
from .base import Source, brief
from .dataframes import DataFrameSource
from .image_table import ImageTable, image_column

if TYPE_CHECKING:
    import pandas as pd
    from pyarrow import dataset as arrow

    Table: TypeAlias = pd.DataFrame | arrow.Dataset

_SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class TableFiles(Source):
    """Files of one kind by split, '' where there are no splits."""

    files: dict[str, list[Path]]
    suffix: str

    def splits(self) -> list[str]:
        return [split for split in self.files if split]

    def read(self, split: str | None, options: Options) -> Dataset:
        paths = (
            self.files[split]
            if split
            else [path for group in self.files.values() for path in group]
        )
        folder = paths[0].parent
        try:
            table = _open(paths, self.suffix)
        except (ValueError, OSError) as error:
            raise UserError(
                f"{paths[0]} cannot be read as {self.suffix[1:]} ({brief(error)}); save it again"
            ) from None
        place = str(paths[0] if len(paths) == 1 else folder)
        return read_table(
            table,
            place,
            folder,
            classes_beside(folder),
            options,
            key=key_of((split, *map(stamp, paths))),
        )


def read_table(
    table: Table,
    place: str,
    folder: Path,
    classes: tuple[str, ...],
    options: Options,
    *,
    key: str | None,
) -> Dataset:
    """Images where ``table`` has a column of them, else rows. Paths in it are relative to
    ``folder``; ``key`` names its content."""
    import pandas as pd
    import pyarrow as pa
    from pyarrow import dataset as arrow

    if isinstance(table, pd.DataFrame):
        if image_column(arrow.dataset(pa.Table.from_pandas(table.head(1)))) is None:
            return DataFrameSource(table, classes).read(None, options)
        table = arrow.dataset(pa.Table.from_pandas(table))
    column = image_column(table)
    if column is None:
        return DataFrameSource(table.to_table().to_pandas(), classes).read(None, options)
    return ImageTable(table, column, place, folder, classes, key).prepare(options)


def _open(paths: list[Path], suffix: str) -> Table:
    import pandas as pd
    import pyarrow as pa
    from pyarrow import dataset as arrow

    if suffix == ".parquet":
        return arrow.dataset([str(path) for path in paths], format="parquet")
    if suffix == ".arrow":
        return arrow.dataset(pa.concat_tables([_read_arrow(path) for path in paths]))
    read = _read_json if suffix.startswith(".json") else _read_csv
    return pd.concat([read(path) for path in paths], ignore_index=True)


def _read_arrow(path: Path) -> Any:
    """Both of arrow's formats, the one for files and the one for streams, mapped rather than
    read."""
    import pyarrow as pa

    try:
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except pa.ArrowInvalid:
        return pa.ipc.open_stream(pa.memory_map(str(path))).read_all()


def _read_json(path: Path) -> pd.DataFrame:
    """A list of objects, an object of columns, or one object a line. (pandas' own reader rounds
    numbers and guesses dates.)"""
    import pandas as pd

    text = path.read_text(encoding="utf-8-sig")
    try:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        rows = json.loads(text)
    return pd.DataFrame(rows[0] if len(rows) == 1 and path.suffix.lower() == ".json" else rows)


def _read_csv(path: Path) -> pd.DataFrame:
    """A table whose separator is the one most frequent in its first line, and which has names
    unless that line is numbers."""
    import pandas as pd

    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.readline()
    separator = max(_SEPARATORS, key=first.count)
    named = not all(_is_number(cell) for cell in next(csv.reader([first], delimiter=separator), []))
    frame: pd.DataFrame = pd.read_csv(
        path, sep=separator, header=0 if named else None, encoding="utf-8-sig"
    )
    return frame if named else frame.rename(columns=lambda i: f"x{i}")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
