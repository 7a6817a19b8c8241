"""Results to files, by extension: .png a grid, a folder of images, .npy, .parquet, .csv."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from ..core.errors import UserError
from ..core.picture import grid
from ..core.spec import DataSpec, ImageSpec, VectorSpec
from ..engine.files import told, write

Array = NDArray[Any]


def write_examples(values: Array, spec: DataSpec, out: str, *, columns: int | None = None, names: Sequence[str] | None = None) -> None:
    """Examples in the user's units (n, *user_shape) to ``out``."""
    path = Path(out)
    if path.suffix == ".png" and isinstance(spec, ImageSpec):
        buffer = BytesIO()
        grid(values, spec, columns).save(buffer, "PNG")
        write(path, buffer.getvalue())
    elif path.suffix == "" and isinstance(spec, ImageSpec):
        _write_folder(values, spec, path, names)
    elif isinstance(spec, ImageSpec) and path.suffix == ".parquet":
        write_table(pd.DataFrame({"image": [_png(image) for image in _storable(values, spec)]}), out)
    elif isinstance(spec, VectorSpec) and path.suffix in (".png", ""):
        raise UserError(f"{out} was given; a table is written to .csv, .parquet or .npy")
    else:
        write_array(values, out, list(spec.columns) if isinstance(spec, VectorSpec) and spec.columns else None)


def write_array(values: Array, out: str, columns: list[str] | None = None) -> None:
    """Numbers (n, ...) to ``out``: as they are to .npy, as columns to .csv and .parquet."""
    if Path(out).suffix == ".npy":
        buffer = BytesIO()
        np.save(buffer, values)
        write(Path(out), buffer.getvalue())
        return
    flat = values.reshape(len(values), -1)
    write_table(pd.DataFrame(flat, columns=columns or [f"z{i}" for i in range(flat.shape[1])]), out)


def write_table(table: pd.DataFrame, out: str) -> None:
    """A table to .csv or .parquet."""
    suffix = Path(out).suffix
    if suffix == ".csv":
        write(Path(out), table.to_csv(index=False).encode())
    elif suffix == ".parquet":
        write(Path(out), table.to_parquet(None, index=False))  # type: ignore[arg-type]
    else:
        raise UserError(f"{out} was given; the extension says the form: .npy, .csv or .parquet, and for images .png (a grid) or none (a folder)")


def _write_folder(values: Array, spec: ImageSpec, folder: Path, names: Sequence[str] | None) -> None:
    stems = [Path(name).stem for name in names] if names else [f"{index:06d}" for index in range(len(values))]
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for stem, image in zip(stems, _storable(values, spec), strict=True):
            Image.fromarray(image).save(folder / f"{stem}.png")


def _storable(values: Array, spec: ImageSpec) -> Array:
    """Pixels that a PNG holds: 8 or 16 bits as they are, everything else spread over 8 bits."""
    squeezed = values[..., 0] if spec.channel_axis and spec.shape[0] == 1 else values
    if spec.dtype in ("uint8", "uint16") and spec.high > 31:
        return squeezed
    share = (squeezed.astype(np.float64) - spec.low) / (spec.high - spec.low)
    return (share.clip(0, 1) * 255).round().astype(np.uint8)


def _png(image: Array) -> bytes:
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
