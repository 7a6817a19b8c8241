"""A table with one image in each row: encoded bytes, or the path of a file."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ...core.disk.json_text import parse_json
from ...core.errors import UserError, nearest
from ...core.text import writable
from ..beside.captions import CAPTIONS, caption_texts
from ..beside.tables import normal
from ..dataset import Dataset
from ..open import labels
from ..open.file_tree import SUFFIXES, suffix
from ..open.options import Options

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import dataset as arrow

_NAMES = (
    "image",
    "img",
    "images",
    "picture",
    "photo",
    "jpg",
    "png",
    "webp",
    "file_name",
    "filename",
    "path",
    "file",
    "image_path",
)
_BATCH = 256
_LOOKED_AT = 100  # rows


@dataclass(frozen=True)
class ImageTable:
    """``table`` with its images in ``column``. ``classes``: what integer labels stand for, unless
    the table itself says so."""

    table: arrow.Dataset
    column: str
    place: str
    folder: Path
    classes: tuple[str, ...]
    key: str | None

    def prepare(self, options: Options) -> Dataset:
        from ..prepare.image_source import ImageBatchSource
        from ..prepare.prepare import prepare

        encoded, notes = self._labels(options.label)
        text = _found(self.table, CAPTIONS)
        captions, told = caption_texts(self._column(text)) if text else (None, ())
        pictures = ImageBatchSource(
            place=self.place,
            names=self._names(),
            payloads=self._payloads,
            key=self.key,
            labels=encoded[0] if encoded else None,
            classes=encoded[1] if encoded else (),
            captions=captions,
            notes=(*notes, *told),
        )
        return prepare(pictures, options)

    def _payloads(self) -> Iterator[Path | bytes]:
        batches = self.table.to_batches(
            columns=[self.column], batch_size=_BATCH, batch_readahead=1, fragment_readahead=1
        )
        cells = chain.from_iterable(batch.column(0).to_pylist() for batch in batches)
        return (self._payload(cell) for cell in cells)

    def _payload(self, cell: Any) -> Path | bytes:
        if isinstance(cell, dict):
            cell = cell.get("bytes") or cell.get("path")
        return self._path(cell) if isinstance(cell, str) else cell or b""

    def _path(self, cell: str) -> Path:
        """The file that ``cell`` names; where it is not there, the one that Windows' separators,
        the other Unicode form or plain characters instead of %20 lead to."""
        slashes = cell.strip().replace("\\", "/")
        forms = [unicodedata.normalize(form, slashes) for form in ("NFC", "NFD")]
        tried = [self.folder / name for name in (cell, slashes, *forms, unquote(slashes))]
        return next((path for path in tried if _exists(path)), tried[0])

    def _names(self) -> list[str]:
        if _is_text(self.table.schema.field(self.column).type):
            return [writable(str(name)) for name in self._column(self.column)]
        return [f"row {i}" for i in range(self.table.count_rows())]

    def _labels(
        self, label: str | None
    ) -> tuple[tuple[Any, tuple[str, ...]] | None, tuple[str, ...]]:
        names = self.table.schema.names
        if label is not None and label not in names:
            raise UserError(
                f"label={label!r} was given; the table has no such column; {nearest(label, names)}"
            )
        label = label or _found(self.table, labels.COLUMNS)
        if label is None:
            return None, ()
        encoded = labels.encode(
            self._column(label), _feature_names(self.table.schema, label) or self.classes
        )
        return encoded, (
            ()
            if encoded
            else (f"column {label!r} left out: it holds fractions, or some are missing",)
        )

    def _column(self, name: str) -> list[Any]:
        cells: list[Any] = self.table.to_table(columns=[name]).column(0).to_pylist()
        return cells


def image_column(table: arrow.Dataset) -> str | None:
    """The name of the column that holds images, or None where there is none."""
    usual = sorted(
        table.schema.names,
        key=lambda name: _NAMES.index(normal(name)) if normal(name) in _NAMES else len(_NAMES),
    )
    return next((name for name in usual if _holds_images(table, name)), None)


def _holds_images(table: arrow.Dataset, name: str) -> bool:
    import pyarrow as pa

    kind = table.schema.field(name).type
    if pa.types.is_struct(kind):
        return {kind.field(i).name for i in range(kind.num_fields)} == {"bytes", "path"}
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return True
    return _is_text(kind) and normal(name) in _NAMES and _is_image_path(table, name)


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_image_path(table: arrow.Dataset, name: str) -> bool:
    """Whether most of the first cells are called as files of images are."""
    cells = [cell for cell in table.head(_LOOKED_AT, columns=[name]).column(0).to_pylist() if cell]
    named = sum(suffix(str(cell).strip()) in SUFFIXES for cell in cells)
    return 2 * named > len(cells)


def _found(table: arrow.Dataset, names: Iterable[str]) -> str | None:
    """The column of ``table`` that is called like the first of ``names`` that there is."""
    columns = {normal(column): column for column in reversed(table.schema.names)}
    return next((columns[name] for name in names if name in columns), None)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or of characters that no name has
        return False


def _feature_names(schema: pa.Schema, label: str) -> tuple[str, ...]:
    """The class names that ``datasets`` writes into a schema."""
    features = (
        parse_json((schema.metadata or {}).get(b"huggingface", b"{}"))
        .get("info", {})
        .get("features", {})
    )
    return tuple(features.get(label, {}).get("names", ()))
