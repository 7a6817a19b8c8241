"""The commands that put a run to use: sample, encode, decode, reconstruct, denoise, interpolate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from ..core.capabilities import Denoises, Encodes, Samples
from ..core.errors import UserError
from ..core.spec import DataSpec, ImageSpec
from ..engine.run import load
from .output import write_array, write_examples
from .reading import example, read_like

_out = click.option("--out", help="File; its extension says the form: .png (a grid), none (a folder of images), .npy, .parquet, .csv.")
_split = click.option("--split", help="Part of the data: train, test... [default: train if there is one]")


@click.command()
@click.argument("run")
@click.option("-n", "--number", default=64, show_default=True, type=click.IntRange(min=1), help="How many.")
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Names the draw; the i-th example depends on it and on i alone."
)
@_out
def sample(run: str, number: int, seed: int, out: str | None) -> None:
    """Draw new data from RUN."""
    model = _load(run, Samples)
    _write(model.sample(number, seed=seed), model.spec_, out, "sample")


@click.command()
@click.argument("run")
@click.argument("data")
@_split
@_out
def encode(run: str, data: str, split: str | None, out: str | None) -> None:
    """Codes of DATA by RUN."""
    model = _load(run, Encodes)
    codes = model.encode(read_like(data, model.spec_, split=split))
    write_array(codes, out or "codes.npy")
    click.echo(f"{out or 'codes.npy'}: {len(codes)} codes of {codes.shape[1]} numbers")


@click.command()
@click.argument("run")
@click.argument("codes")
@_out
def decode(run: str, codes: str, out: str | None) -> None:
    """Data from CODES (.npy, .csv or .parquet)."""
    model = _load(run, Encodes)
    _write(model.decode(_read_codes(codes)), model.spec_, out, "decoded")


@click.command()
@click.argument("run")
@click.argument("data")
@_split
@_out
def reconstruct(run: str, data: str, split: str | None, out: str | None) -> None:
    """DATA to codes and back; a grid shows each example beside its reconstruction."""
    model = _load(run, Encodes)
    _compare(model, data, split, out, "reconstruct", model.reconstruct)


@click.command()
@click.argument("run")
@click.argument("data")
@_split
@_out
def denoise(run: str, data: str, split: str | None, out: str | None) -> None:
    """Remove noise from DATA; a grid shows each example before and after."""
    model = _load(run, Denoises)
    _compare(model, data, split, out, "denoise", model.denoise)


@click.command()
@click.argument("run")
@click.argument("a")
@click.argument("b")
@click.option("-n", "--number", default=10, show_default=True, type=click.IntRange(min=2), help="Steps, both ends included.")
@_out
def interpolate(run: str, a: str, b: str, number: int, out: str | None) -> None:
    """From example A to example B through the latent space; each is a file, or SET:INDEX such as digits:3."""
    model = _load(run, Encodes)
    between = model.interpolate(example(a, model.spec_), example(b, model.spec_), number)
    _write(between, model.spec_, out, "interpolate", columns=number)


def _load(run: str, ability: type[Any]) -> Any:
    model = load(run)
    if not isinstance(model, ability):
        raise UserError(f"{run} is of model {type(model).__name__}, which is not one that {ability.__name__.lower()}; see `genlearn models`")
    return model


def _compare(model: Any, source: str, split: str | None, out: str | None, verb: str, function: Any) -> None:
    data = read_like(source, model.spec_, split=split)
    out = out or _default(model.spec_, verb)
    if Path(out).suffix == ".png" and isinstance(model.spec_, ImageSpec):
        some = model.spec_.to_user(model.spec_.to_internal(data.user(slice(0, _SHOWN))))
        pairs = np.stack([some, function(some)], axis=1).reshape(-1, *model.spec_.user_shape)
        write_examples(pairs, model.spec_, out, columns=2 * _PAIRS)
        click.echo(f"{out}: {len(some)} of {len(data)}, each before and after; --out FOLDER or .npy writes all")
    else:
        write_examples(function(data), model.spec_, out, names=data.names)
        click.echo(f"{out}: {len(data)}")


_PAIRS, _SHOWN = 5, 40


def _write(values: Any, spec: DataSpec, out: str | None, verb: str, columns: int | None = None) -> None:
    out = out or _default(spec, verb)
    write_examples(values, spec, out, columns=columns)
    click.echo(f"{out}: {len(values)}")


def _default(spec: DataSpec, verb: str) -> str:
    return f"{verb}.png" if isinstance(spec, ImageSpec) else f"{verb}.csv"


def _read_codes(path: str) -> Any:
    import pandas as pd

    readers: dict[str, Any] = {".npy": lambda p: np.load(p, allow_pickle=False), ".csv": pd.read_csv, ".parquet": pd.read_parquet}
    if Path(path).suffix not in readers:
        raise UserError(f"{path} was given; codes are read from .npy, .csv or .parquet")
    if not Path(path).is_file():
        raise UserError(f"{path} is not there; codes are written by `genlearn encode`")
    try:
        return np.asarray(readers[Path(path).suffix](path))
    except (ValueError, OSError) as error:
        raise UserError(f"{path} could not be read as codes: {str(error).splitlines()[0]}") from None
