"""The commands that put codes to use: encode, decode, reconstruct, interpolate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from ...core.capabilities import Encodes, InterpolatesPrompts
from ...core.errors import UserError
from ..common import (
    default,
    loaded,
    out_option,
    seed_option,
    write_pairs,
    write_result,
)
from ..data_io import example, read_like
from ..options import count, reading_options
from ..outputs import write_array
from ..protect import INPUT
from ..say import say


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@reading_options
@out_option
def encode(run: str, data: str, reading: dict[str, Any], out: str | None) -> None:
    """Codes of DATA by RUN."""
    model = loaded(run, "encodes", Encodes)
    codes = model.encode(read_like(data, model.spec_, run=run, **reading))
    write_array(codes, out or "codes.npy")
    say(f"{out or 'codes.npy'}: {len(codes)} codes of {codes.shape[1]} numbers")


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
    import pandas as pd

    readers: dict[str, Any] = {
        ".npy": lambda p: np.load(p, allow_pickle=False),
        ".csv": pd.read_csv,
        ".parquet": pd.read_parquet,
    }
    if Path(path).suffix not in readers:
        raise UserError(f"{path} was given; codes are read from .npy, .csv or .parquet")
    if not Path(path).is_file():
        raise UserError(f"{path} is not there; codes are written by `genlearn encode`")
    try:
        return np.asarray(readers[Path(path).suffix](path))
    except (ValueError, OSError) as error:
        raise UserError(
            f"{path} could not be read as codes: {str(error).splitlines()[0]}"
        ) from None
