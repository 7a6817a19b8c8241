"""Results to files as they are made: a part is written before the next one is drawn, so that memory
does not grow with their number.

The extension says the form: .png a grid, none a folder of images, .npy, .parquet, .csv. Files
appear whole or not at all; a folder fills up with whole images, and never mixes with older ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.disk.atomic import atomic_file, wrap_os_errors, write_bytes
from ..core.errors import UserError
from ..core.image_grid import Labels, image_grid
from ..core.spec import DataSpec, ImageSpec, TableSpec
from ..core.spreadsheet import without_formulas
from ..data.code_spec import code_names
from ..data.vector_spec import column_names
from .output_folder import METADATA, Room, check_unmixed, remove_replaced
from .png import CHANNELS, png, write_png
from .protect import check_output

Array = NDArray[Any]
Put = Callable[[Array], None]
GRID = 10_000  # images of a grid, at most


@dataclass(frozen=True)
class OutputSpec:
    """What is written: ``n`` examples of ``spec``; images stand in ``columns`` in a grid, by its
    ``labels``, or under ``names`` in a folder, with their ``captions``."""

    spec: DataSpec
    n: int
    columns: int | None = None
    names: Sequence[str] | None = None
    captions: Iterator[str] | None = None
    labels: Labels | None = None


def writing(out: str, form: OutputSpec) -> AbstractContextManager[Put]:
    """Inside, what is put is written to ``out``: parts (k, *user_shape) in the user's units, in
    order. Raises `UserError` for a form that there is not, before anything is drawn."""
    check_output(out)
    path, images = Path(out), isinstance(form.spec, ImageSpec)
    if images and path.suffix == ".png":
        if form.n > GRID:
            raise UserError(
                f"a grid of {form.n:,} images was asked for; it holds at most {GRID:,}: name a"
                " folder, or .npy or .parquet"
            )
        return _to_grid(path, form)
    if images and path.suffix in ("", ".parquet"):
        _check_channels(out, form.spec)
    if images and path.suffix == "":
        return _to_folder(path, form)
    if images and path.suffix == ".parquet":
        return _to_parquet(
            path,
            form.n,
            lambda values: _captioned(
                pd.DataFrame({"image": [png(image) for image in storable(values, form.spec)]}),
                form,
            ),
        )
    if not images and path.suffix in (".png", ""):
        raise UserError(f"{out} was given; a table is written to .csv, .parquet or .npy")
    if isinstance(form.spec, TableSpec):
        return _writing_table(out, form.n, form.spec)
    return writing_numbers(out, form.n, column_names(form.spec))


def _writing_table(out: str, n: int, spec: TableSpec) -> AbstractContextManager[Put]:
    """Rows as what they stand for; numbers alone go to .npy."""
    plain = ("continuous", "integer")
    others = [field.name for field in spec.fields if field.kind not in plain]
    if Path(out).suffix == ".npy" and others:
        raise UserError(
            f"{out} was given; it holds numbers, and column {others[0]!r} does not: write .csv or"
            " .parquet"
        )
    if Path(out).suffix == ".npy":
        return writing_numbers(out, n)
    return writing_numbers(out, n, spec.columns)


def _check_channels(out: str, spec: DataSpec) -> None:
    if spec.shape[0] not in CHANNELS:
        raise UserError(
            f"{out} was given; images of {spec.shape[0]} channels cannot be written as PNG, which"
            " holds 1, 3 or 4: name a .npy, or a .png for a grid that shows each channel by itself"
        )


def writing_numbers(out: str, n: int, columns: Sequence[str] = ()) -> AbstractContextManager[Put]:
    """Inside, what is put is written to ``out``: numbers (k, ...), ``n`` in all, as they are to
    .npy, as ``columns`` to .csv and .parquet."""
    check_output(out)
    path = Path(out)
    forms = {
        ".npy": lambda: _to_npy(path, n),
        ".csv": lambda: _to_csv(path, n, columns),
        ".parquet": lambda: _to_parquet(path, n, table),
    }

    def table(values: Array) -> pd.DataFrame:
        return named(values, columns)

    if path.suffix not in forms:
        raise UserError(
            f"{out} was given; the extension says the form: .npy, .csv or .parquet, and for images"
            " .png (a grid) or none (a folder)"
        )
    return forms[path.suffix]()


def named(values: Array, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Numbers (k, ...) as a table; columns without names are z0, z1, ..., those of codes. A table
    stays as it is."""
    if isinstance(values, pd.DataFrame):
        return values
    flat = values.reshape(len(values), -1)
    return pd.DataFrame(flat, columns=list(columns) or code_names(flat.shape[1]))


def storable(values: Array, spec: DataSpec) -> Array:
    """Pixels that a PNG holds: 8 or 16 bits as they are, everything else spread over 8 bits."""
    assert isinstance(spec, ImageSpec)
    squeezed = values[..., 0] if spec.channel_axis and spec.shape[0] == 1 else values
    if spec.dtype in ("uint8", "uint16") and spec.high > 31:
        return squeezed
    share = (squeezed.astype(np.float64) - spec.low) / (spec.high - spec.low)
    return (share.clip(0, 1) * 255).round().astype(np.uint8)


@contextmanager
def _to_grid(path: Path, form: OutputSpec) -> Iterator[Put]:
    assert isinstance(form.spec, ImageSpec)
    parts: list[Array] = []
    yield parts.append
    write_png(image_grid(np.concatenate(parts), form.spec, form.columns, labels=form.labels), path)


@contextmanager
def _to_folder(folder: Path, form: OutputSpec) -> Iterator[Put]:
    stems = _stems(form.names) if form.names else (f"{index:06d}" for index in range(form.n))
    every = [f"{stem}.png" for stem in stems]
    check_unmixed(folder, every, captions=form.captions is not None)
    names = iter(every)
    with atomic_file(folder / METADATA) if form.captions else nullcontext() as captions:
        room = Room(folder, form.n)

        def put(values: Array) -> None:
            part = list(islice(names, len(values)))
            with wrap_os_errors(folder):
                if not room.done:
                    remove_replaced(folder, every)
                for name, image in zip(part, storable(values, form.spec), strict=True):
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    write_bytes(folder / name, png(image), many=True)
            room.used(len(part), sum((folder / name).stat().st_size for name in part))
            if captions:
                _add(captions, _captioned(pd.DataFrame({"file_name": part}), form))

        yield put


def _captioned(part: pd.DataFrame, form: OutputSpec) -> pd.DataFrame:
    """The next rows of a table of images, beside their captions, where they have any."""
    return part.assign(text=list(islice(form.captions, len(part)))) if form.captions else part


def _add(file: BinaryIO, part: pd.DataFrame) -> None:
    """The next rows of a .csv file."""
    without_formulas(part).to_csv(file, index=False, header=not file.tell())


def _stems(names: Sequence[str]) -> list[str]:
    """Names of results without their ending: those of the examples, with the ending of those that
    would be called alike without it."""
    stems = [_inside(name) for name in names]
    often = Counter(stems)
    return [
        stem + Path(name).suffix if often[stem] > 1 else stem
        for stem, name in zip(stems, names, strict=True)
    ]


def _inside(name: str) -> str:
    """The name of an example without its ending; its folders are kept, since files of two classes
    may be called alike, but none above."""
    path = Path(name).with_suffix("")
    return str(Path(*(part for part in path.parts if part not in (path.anchor, ".."))))


@contextmanager
def _to_npy(path: Path, n: int) -> Iterator[Put]:
    room = Room(path.parent, n)
    with atomic_file(path) as file:

        def put(values: Array) -> None:
            values = np.asarray(values)
            if not room.done:
                header = {
                    "descr": np.lib.format.dtype_to_descr(values.dtype),
                    "fortran_order": False,
                    "shape": (n, *values.shape[1:]),
                }
                np.lib.format.write_array_header_1_0(file, header)
            file.write(np.ascontiguousarray(values).tobytes())
            room.used(len(values), values.nbytes)

        yield put


@contextmanager
def _to_csv(path: Path, n: int, columns: Sequence[str]) -> Iterator[Put]:
    room = Room(path.parent, n)
    with atomic_file(path) as file:

        def put(values: Array) -> None:
            before = file.tell()
            _add(file, named(values, columns))
            room.used(len(values), file.tell() - before)

        yield put


@contextmanager
def _to_parquet(path: Path, n: int, table: Callable[[Array], pd.DataFrame]) -> Iterator[Put]:
    """Each part is a row group."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    writer: Any = None
    room = Room(path.parent, n)
    with atomic_file(path) as file:

        def put(values: Array) -> None:
            nonlocal writer
            part = pa.Table.from_pandas(table(values), preserve_index=False)
            writer = writer or ParquetWriter(file, part.schema)
            before = file.tell()
            writer.write_table(part)
            room.used(len(values), file.tell() - before)

        try:
            yield put
        finally:
            if writer is not None:
                writer.close()
