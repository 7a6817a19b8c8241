"""`genlearn diffuse RUN DATA`, and `genlearn diffuse RUN --reverse`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...core.capabilities import DiffusionProcess
from ...core.errors import UserError
from ...core.image_grid import Labels
from ...core.spec import DataSpec, TableSpec, VectorSpec
from ...data.columns.frames import to_frame
from ...data.vector_spec import column_names
from ..common import default, loaded, out_option, seed_option
from ..data_io import examples
from ..options import count, reading_options
from ..outputs import write_examples, write_table
from ..protect import INPUT
from ..say import say
from ..writers import named

Array = NDArray[Any]
_ROWS = ("expected", "sample")  # of a sample that emerges


@click.command()
@click.argument("run")
@click.argument("data", required=False, type=INPUT)
@click.option(
    "--reverse",
    is_flag=True,
    help="New data out of noise, and above it what the model expects; DATA is not given then.",
)
@click.option(
    "-n",
    "--number",
    default=4,
    show_default=True,
    type=count(),
    help="How many examples: a row, or two with --reverse, each.",
)
@click.option(
    "--columns",
    default=8,
    show_default=True,
    type=count(2),
    help="How many moments, both ends included.",
)
@seed_option
@reading_options
@out_option
def diffuse(
    run: str,
    data: str | None,
    reverse: bool,
    number: int,
    columns: int,
    seed: int,
    reading: dict[str, Any],
    out: str | None,
) -> None:
    """The first examples of DATA on their way to noise, a row each; DATA may be SET:INDEX such as
    digits:3.

    A table gets the columns example and moment, and with --reverse what: expected or sample.
    """
    model = loaded(run, "diffuses", DiffusionProcess)
    if reverse and data:
        raise UserError(
            f"{data} was given with --reverse; new data starts from noise: leave one of them out"
        )
    if not reverse and not data:
        raise UserError(
            "no data was given; name examples that are to become noise, or give --reverse for noise"
            " that becomes data"
        )
    spec, out = model.spec_, out or default(model.spec_, "diffuse")
    if reverse:
        states, expected = model.sample_trajectory(number, columns, seed=seed)
        strips = np.stack([expected, states], 1)
    else:
        strips = model.diffuse(
            examples(data or "", spec, number, run=run, **reading), columns, seed=seed
        )[:, None]
    _write(strips, spec, out)
    say(
        f"{out}: {len(strips)} {'from noise to data' if reverse else 'from data to noise'},"
        f" {columns} moments"
    )


def _write(strips: Array, spec: DataSpec, out: str) -> None:
    """Strips (n, rows, columns, *user_shape) as rows of a grid or of a table, or as they are."""
    n, rows, columns = strips.shape[:3]
    flat = strips.reshape(-1, *spec.user_shape)
    if not isinstance(spec, (TableSpec, VectorSpec)) or Path(out).suffix in (".npy", ".png", ""):
        write_examples(flat, spec, out, columns=columns, labels=_labels(n, rows, columns))
        return
    example, row, moment = (index.ravel() for index in np.indices((n, rows, columns)))
    places = {
        "example": example,
        **({"what": np.array(_ROWS)[row]} if rows > 1 else {}),
        "moment": moment,
    }
    shown = to_frame(flat, spec) if isinstance(spec, TableSpec) else named(flat, column_names(spec))
    write_table(pd.concat([pd.DataFrame(places), shown], axis=1), out)


def _labels(n: int, rows: int, columns: int) -> Labels:
    """The moments by number, with their ends named, and what each row is where there are two."""
    ends = ("noise", "data") if rows > 1 else ("data", "noise")
    between = (str(moment) for moment in range(1, columns - 1))
    return Labels(_ROWS * n if rows > 1 else (), (ends[0], *between, ends[1]))
