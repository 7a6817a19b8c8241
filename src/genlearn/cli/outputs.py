"""Results to files in one go, by extension: .png a grid, a folder of images, .npy, .parquet,
.csv."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from ..core.disk.atomic import write_bytes
from ..core.errors import UserError
from ..core.image_grid import Labels
from ..core.spec import DataSpec
from ..core.spreadsheet import without_formulas
from .protect import check_output
from .writers import OutputSpec, writing

Array = NDArray[Any]


def write_examples(
    values: Array,
    spec: DataSpec,
    out: str,
    *,
    columns: int | None = None,
    names: Sequence[str] | None = None,
    labels: Labels | None = None,
) -> None:
    """Examples in the user's units (n, *user_shape) to ``out``."""
    with writing(out, OutputSpec(spec, len(values), columns, names, labels=labels)) as put:
        put(values)


def check_table(out: str) -> None:
    """Raise `UserError` where no table can be written to ``out``, before any work is done."""
    check_output(out)
    if Path(out).suffix not in (".csv", ".parquet"):
        raise UserError(f"{out} was given; a table is written to .csv or .parquet")


def write_table(table: pd.DataFrame, out: str) -> None:
    """A table to .csv or .parquet."""
    check_table(out)
    if Path(out).suffix == ".csv":
        write_bytes(Path(out), without_formulas(table).to_csv(index=False).encode())
    else:
        write_bytes(Path(out), table.to_parquet(None, index=False))  # type: ignore[arg-type]
