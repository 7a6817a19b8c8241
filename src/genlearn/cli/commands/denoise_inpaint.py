"""The commands that restore examples: denoise, inpaint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from ...core.capabilities import Denoises, Inpaints, Restores
from ...core.errors import UserError, nearest
from ...core.spec import DataSpec, ImageSpec, TableSpec, VectorSpec
from ...data.prepare.open_image import Unreadable, open_image
from ...data.vector_spec import column_names
from ..common import (
    SHOWN,
    default,
    grid_wanted,
    loaded,
    out_option,
    seed_option,
    write_pairs,
)
from ..data_io import read_like
from ..options import reading_options
from ..protect import INPUT
from ..say import say

Array = NDArray[Any]
_UNITS = "in the units of images, or in standard deviations of each column of a table"


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@click.option(
    "--noise",
    type=float,
    help=f"Standard deviation of the noise, {_UNITS}. [default: estimated for each example]",
)
@reading_options
@out_option
def denoise(
    run: str, data: str, noise: float | None, reading: dict[str, Any], out: str | None
) -> None:
    """Remove noise from DATA; a grid shows each example before and after."""
    model: Any = loaded(run, "denoises", Denoises, Restores)
    spec = model.spec_
    if noise is not None and not isinstance(model, Restores):
        raise UserError(
            f"--noise {noise:g} was given; {run} is of model {type(model).__name__}, which takes no"
            " strength: leave --noise off"
        )
    out = out or default(spec, "denoise")
    prepared = read_like(data, spec, run=run, **reading)
    if noise is None and isinstance(model, Restores):
        shown = prepared.take(slice(0, SHOWN)) if grid_wanted(spec, out) else prepared
        _tell_noise(model.estimate_noise(shown), spec)
    how = {} if noise is None else {"noise": noise}
    write_pairs(
        spec, prepared, out, lambda values: model.denoise(values, **how), ("noisy", "denoised")
    )


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@click.option(
    "--mask",
    type=INPUT,
    help="Image of the size of the examples: white where they are to be filled in.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    help="Column of a table that is to be filled in, again for each. [default: its gaps]",
)
@seed_option
@reading_options
@out_option
def inpaint(
    run: str,
    data: str,
    mask: str | None,
    columns: tuple[str, ...],
    seed: int,
    reading: dict[str, Any],
    out: str | None,
) -> None:
    """Fill in what is missing of DATA, to fit the rest; a grid shows each example with its hole and
    after."""
    model = loaded(run, "inpaints", Inpaints)
    missing = _missing(model, run, mask, columns)

    def holed(values: Array) -> Array:
        assert missing is not None  # of images
        hole = np.broadcast_to(
            missing.reshape(missing.shape + (1,) * (len(model.spec_.user_shape) - missing.ndim)),
            model.spec_.user_shape,
        )
        grey = (model.spec_.low + model.spec_.high) / 2
        return np.where(hole, np.array(grey).astype(values.dtype), values)

    prepared = read_like(data, model.spec_, run=run, **reading)
    out = out or default(model.spec_, "inpaint")
    write_pairs(
        model.spec_,
        prepared,
        out,
        lambda values: model.inpaint(values, missing, seed=seed),
        ("missing", "filled in"),
        holed,
    )


def _tell_noise(strengths: Array, spec: DataSpec) -> None:
    unit = (
        f"of a range of {spec.high - spec.low:g}"
        if isinstance(spec, ImageSpec)
        else "standard deviations of each column"
    )
    low, middle, high = (
        f"{value:.3g}" for value in (strengths.min(), np.median(strengths), strengths.max())
    )
    say(
        f"estimated noise: {middle} {unit} in the median, from {low} to {high}; --noise S sets it",
        err=True,
    )


def _missing(model: Any, run: str, mask: str | None, columns: tuple[str, ...]) -> Array | None:
    """What is to be filled in, True there; None for the gaps of a table. Raises `UserError` where
    it is named in a way that does not suit the data or the model."""
    spec: DataSpec = model.spec_
    if model.fills_gaps and not mask and not columns:
        return None
    if isinstance(spec, ImageSpec):
        if columns or not mask:
            given = f"--column {columns[0]} was" if columns else "nothing was"
            raise UserError(
                f"{given} given; {run} was fitted on images: name what is to be filled in by --mask"
                " MASK.png, white there"
            )
        return _painted(mask, spec.shape[1:])
    assert isinstance(spec, (TableSpec, VectorSpec))
    if mask or not columns:
        raise UserError(
            f"{f'--mask {mask}' if mask else 'nothing'} was given; {run} was fitted on rows: name"
            " what is to be filled in by --column NAME"
        )
    names = column_names(spec)
    unknown = next((column for column in columns if column not in names), None)
    if unknown is not None:
        raise UserError(f"no column is called {unknown!r}; {nearest(unknown, names)}")
    return np.isin(names, columns)


def _painted(path: str, size: tuple[int, ...]) -> Array:
    """The white parts of an image (height, width)."""
    if not Path(path).is_file():
        raise UserError(
            f"{path} is not there; a mask is an image of {size[0]}x{size[1]} pixels (height x"
            " width), white where to fill in"
        )
    try:
        with open_image(Path(path)) as image:
            painted = np.asarray(image.convert("L")) > 127
    except Unreadable as error:
        raise UserError(
            f"{path} could not be read as an image ({error}); a mask is a .png, white where to fill"
            " in"
        ) from None
    if painted.shape != size:
        given, needed = ("x".join(map(str, shape)) for shape in (painted.shape, size))
        raise UserError(
            f"{path} is {given} pixels (height x width); the images of this run are {needed}: give"
            " a mask of that size"
        )
    if not painted.any():
        raise UserError(f"{path} is black everywhere; white marks what is to be filled in")
    return painted
