"""The commands that put codes to use: encode, decode, reconstruct, interpolate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from ....core.capabilities import Encodes, InterpolatesPrompts
from ....core.disk.arrays import read_array
from ....core.errors import UserError
from ...common import (
    default,
    loaded,
    out_option,
    seed_option,
    write_pairs,
    write_result,
)
from ...data_io import example, read_like
from ...options import count, label_option, reading_options
from ...protect import INPUT
from ...say import say, tell
from ...writers import writing_numbers

_CHUNK = 4096  # examples encoded and written at a time


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@reading_options
@label_option
@out_option
def encode(run: str, data: str, reading: dict[str, Any], out: str | None) -> None:
    """Codes of DATA by RUN: numbers alone to .npy; to .csv and .parquet with the name and the class
    of each example, where it has them."""
    from ....representation.tables import code_table

    model, out = loaded(run, "encodes", Encodes), out or "codes.npy"
    examples = read_like(data, model.spec_, run=run, **reading)
    with writing_numbers(out, len(examples)) as put:
        for start in range(0, len(examples), _CHUNK):
            some = examples.take(slice(start, start + _CHUNK))
            codes = model.encode(some)
            kept: Any = codes if Path(out).suffix == ".npy" else code_table(some, codes)
            put(kept)
    say(f"{out}: {len(examples)} codes of {codes.shape[1]} numbers")


@click.command()
@click.argument("run")
@click.argument("codes", type=INPUT)
@out_option
def decode(run: str, codes: str, out: str | None) -> None:
    """Data from CODES (.npy, .csv or .parquet)."""
    model = loaded(run, "encodes", Encodes)
    write_result(model.decode(_read_codes(codes)), model.spec_, out, "decoded")


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@reading_options
@out_option
def reconstruct(run: str, data: str, reading: dict[str, Any], out: str | None) -> None:
    """DATA to codes and back; a grid shows each example beside its reconstruction."""
    model = loaded(run, "encodes", Encodes)
    write_pairs(
        model.spec_,
        read_like(data, model.spec_, run=run, **reading),
        out or default(model.spec_, "reconstruct"),
        model.reconstruct,
        ("data", "decoded"),
    )


@click.command()
@click.argument("run")
@click.argument("a", type=INPUT)
@click.argument("b", type=INPUT)
@click.option(
    "-n",
    "--number",
    default=10,
    show_default=True,
    type=count(2),
    help="Steps, both ends included.",
)
@click.option(
    "--prompts",
    is_flag=True,
    help="A and B are prompts, drawn from one noise, where the model learned captions.",
)
@click.option(
    "--guidance",
    type=float,
    help="How far to exaggerate what tells the prompts from others; 1 for not at all.",
)
@seed_option
@reading_options
@out_option
def interpolate(
    run: str,
    a: str,
    b: str,
    number: int,
    prompts: bool,
    guidance: float | None,
    seed: int,
    reading: dict[str, Any],
    out: str | None,
) -> None:
    """From example A to example B through the latent space; each is a file, or SET:INDEX such as
    digits:3. With --prompts, from text to text."""
    if guidance is not None and not prompts:
        raise UserError(
            f"--guidance {guidance} was given without --prompts; it leads prompts, not examples"
        )
    model = loaded(run, "interpolates", InterpolatesPrompts if prompts else Encodes)
    if prompts:
        between = model.interpolate_prompts(a, b, number, seed=seed, guidance=guidance)
    else:
        between = model.interpolate(
            *(example(text, model.spec_, run=run, **reading) for text in (a, b)), number
        )
    write_result(between, model.spec_, out, "interpolate", columns=number)


def _read_codes(path: str) -> Any:
    """The codes in a file; columns of a table that hold none are named."""
    import pandas as pd

    from ....representation.tables import codes_in

    readers: dict[str, Any] = {
        ".npy": read_array,
        ".csv": pd.read_csv,
        ".parquet": pd.read_parquet,
    }
    if Path(path).suffix not in readers:
        raise UserError(f"{path} was given; codes are read from .npy, .csv or .parquet")
    if not Path(path).is_file():
        raise UserError(f"{path} is not there; codes are written by `genlearn encode`")
    try:
        read = readers[Path(path).suffix](path)
    except (ValueError, OSError) as error:
        raise UserError(
            f"{path} could not be read as codes: {str(error).splitlines()[0]}"
        ) from None
    if not isinstance(read, pd.DataFrame):
        return np.asarray(read)
    codes, others = codes_in(read)
    if others:
        tell(f"{path}: columns that are no codes left out: {', '.join(others)}")
    return codes
