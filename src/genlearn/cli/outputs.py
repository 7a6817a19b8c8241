"""Results to files in one go, by extension: .png a grid, a folder of images, .npy, .parquet,
.csv."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.spec import DataSpec
from ..engine.atomic_io import write_bytes
from .protect import check_output
from .say import without_formulas
from .writers import OutputSpec, writing, writing_numbers

Array = NDArray[Any]


def write_examples(
    values: Array,
    spec: DataSpec,
    out: str,
    *,
    columns: int | None = None,
    names: Sequence[str] | None = None,
) -> None:
    """Examples in the user's units (n, *user_shape) to ``out``."""
    with writing(out, OutputSpec(spec, len(values), columns, names)) as put:
        put(values)


def write_array(values: Array, out: str) -> None:
    """Numbers (n, ...) to ``out``: as they are to .npy, as columns to .csv and .parquet."""
    with writing_numbers(out, len(values)) as put:
        put(values)


def write_table(table: pd.DataFrame, out: str) -> None:
    """A table to .csv or .parquet."""
    check_output(out)
    suffix = Path(out).suffix
    if suffix == ".csv":
        write_bytes(Path(out), without_formulas(table).to_csv(index=False).encode())
    elif suffix == ".parquet":
        write_bytes(Path(out), table.to_parquet(None, index=False))  # type: ignore[arg-type]
    else:
        raise UserError(f"{out} was given; a table is written to .csv or .parquet")
