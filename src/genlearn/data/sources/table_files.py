"""Tables in files: parquet, arrow, csv, tsv and json. A column of images (bytes or paths) makes
them a set of images instead.

Read with pyarrow and pandas directly: ``datasets`` would first copy every file into a cache of its
own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ...core.errors import UserError
from ..dataset import Dataset
from ..open.decoding import decoding
from ..open.labels import classes_beside
from ..open.options import Options
from ..prepare.cache import key_of, stamp
from ..tables.json_rows import read_json
from .base import Source
from .dataframes import DataFrameSource, check_names
from .image_table import ImageTable, image_column

if TYPE_CHECKING:
    import pandas as pd
    from pyarrow import dataset as arrow

    Table: TypeAlias = pd.DataFrame | arrow.Dataset

_TEXT = (".csv", ".tsv")


@dataclass(frozen=True)
class TableFiles(Source):
    """Files of one kind by split, '' where there are no splits."""

    files: dict[str, list[Path]]
    suffix: str

    def splits(self) -> list[str]:
        return [split for split in self.files if split]

    def written(self) -> tuple[str, ...]:
        return ("header", "delimiter", "decimal", "kinds") if self.suffix in _TEXT else ("kinds",)

    def read(self, split: str | None, options: Options) -> Dataset:
        paths = (
            self.files[split]
            if split
            else [path for group in self.files.values() for path in group]
        )
        folder = paths[0].parent
        table, notes = _open(paths, self.suffix, options)
        place = str(paths[0] if len(paths) == 1 else folder)
        read = read_table(
            table,
            place,
            folder,
            classes_beside(folder),
            options,
            key=key_of((split, *map(stamp, paths))),
        )
        return replace(read, notes=(*read.notes, *notes))


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
        try:
            known = image_column(arrow.dataset(pa.Table.from_pandas(table.head(1))))
        except (pa.ArrowException, OverflowError):  # of cells that are no images either
            known = None
        if known is None:
            return DataFrameSource(table, classes).read(None, options)
        table = arrow.dataset(pa.Table.from_pandas(table))
    column = image_column(table)
    if column is None:
        with decoding(Path(place), _kind(Path(place))):
            frame = table.to_table().to_pandas()
        return DataFrameSource(frame, classes).read(None, options)
    return ImageTable(table, column, place, folder, classes, key).prepare(options)


def _open(paths: list[Path], suffix: str, options: Options) -> tuple[Table, list[str]]:
    """The rows of all files, and what to know of how they were read."""
    import pyarrow as pa
    from pyarrow import dataset as arrow

    if suffix in _TEXT:
        return _read_text(paths, options)
    if suffix.startswith(".json"):
        return _concatenated(paths, [_json(path) for path in paths]), []
    names = [_column_names(path, suffix) for path in paths]
    for path, here in zip(paths, names, strict=True):
        _check_same(paths[0], path, names[0], here)
    with decoding(paths[0], _kind(paths[0])):
        if suffix == ".parquet":
            return arrow.dataset([str(path) for path in paths], format="parquet"), []
        return arrow.dataset(pa.concat_tables([_read_arrow(path) for path in paths])), []


def _column_names(path: Path, suffix: str) -> list[str]:
    """The names of the columns in a file. Raises `UserError` where two are equal."""
    from pyarrow import parquet

    with decoding(path, _kind(path)):
        schema = parquet.read_schema(path) if suffix == ".parquet" else _read_arrow(path).schema
        check_names(schema.names)
    return list(schema.names)


def _read_text(paths: list[Path], options: Options) -> tuple[pd.DataFrame, list[str]]:
    """Tables in text, whose columns are typed together."""
    import pyarrow as pa

    from ..tables.delimited import read_delimited
    from ..tables.typed import typed

    tables = []
    for path in paths:
        with decoding(path, _kind(path)):
            tables.append(read_delimited(path, options.delimiter, options.header))
            check_names(tables[-1].names)
    first = tables[0]
    columns = dict(zip(first.names, first.columns, strict=True))
    for path, table in zip(paths[1:], tables[1:], strict=True):
        _check_same(paths[0], path, first.names, table.names)
        for name, column in zip(table.names, table.columns, strict=True):
            columns[name] = pa.chunked_array([*columns[name].chunks, *column.chunks])
    with decoding(paths[0], _kind(paths[0])):
        frame, mark, notes = typed(columns, first.delimiter, options.decimal, options.label)
    how = "; ".join([*first.how, *([mark] if mark else [])])
    return frame, [f"{paths[0].name}: {how}", *notes]


def _json(path: Path) -> pd.DataFrame:
    with decoding(path, _kind(path)):
        return read_json(path)


def _concatenated(paths: list[Path], frames: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    for path, frame in zip(paths, frames, strict=True):
        _check_same(paths[0], path, list(frames[0].columns), list(frame.columns))
    return pd.concat(frames, ignore_index=True)


def _check_same(first: Path, path: Path, there: list[str], here: list[str]) -> None:
    """Raise `UserError` where files that are one table have other columns."""
    if others := sorted(map(str, set(there) ^ set(here))):
        raise UserError(
            f"{path} and {first} are of other columns (in one alone: {', '.join(others[:5])}); give"
            " them one by one, or name columns equally"
        )


def _read_arrow(path: Path) -> Any:
    """Both of arrow's formats, the one for files and the one for streams, mapped rather than
    read."""
    import pyarrow as pa

    try:
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except pa.ArrowInvalid:
        return pa.ipc.open_stream(pa.memory_map(str(path))).read_all()


def _kind(path: Path) -> str:
    return path.suffix.lower()[1:] or "a table"
