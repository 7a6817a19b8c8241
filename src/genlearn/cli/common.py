"""What the commands that put a run to use share: flags, loading, and results by default places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..core.errors import UserError
from ..core.image_grid import Labels
from ..core.spec import DataSpec, ImageSpec
from ..data import Dataset
from ..engine.runs.loading import load
from .outputs import write_examples
from .say import say, tell

_PAIRS, SHOWN = 5, 40  # pairs in a row of a grid, and in all

out_option = click.option(
    "--out",
    help=(
        "File; its extension says the form: .png (a grid), none (a folder of images), .npy,"
        " .parquet, .csv."
    ),
)
seed_option = click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="Names the draw; the i-th example depends on it and on i alone.",
)


def load_run(run: str) -> Any:
    """The model of ``run``; where that is still training, or was stopped, it is told."""
    return load(run, tell)


def loaded(run: str, does: str, *abilities: type[Any]) -> Any:
    """The model of ``run``. Raises `UserError`, which says what was wanted (``does``), where it has
    none of the ``abilities``."""
    model = load_run(run)
    if not isinstance(model, abilities):
        raise UserError(
            f"{run} is of model {type(model).__name__}, which is not one that {does};"
            " see `genlearn models`"
        )
    return model


def default(spec: DataSpec, verb: str) -> str:
    """Where a result goes that was given no place."""
    return f"{verb}.png" if isinstance(spec, ImageSpec) else f"{verb}.csv"


def grid_wanted(spec: DataSpec, out: str) -> bool:
    """Whether ``out`` is a grid of images."""
    return Path(out).suffix == ".png" and isinstance(spec, ImageSpec)


def write_result(
    values: Any, spec: DataSpec, out: str | None, verb: str, columns: int | None = None
) -> None:
    """Examples to their place, which is told."""
    out = out or default(spec, verb)
    write_examples(values, spec, out, columns=columns)
    say(f"{out}: {len(values)}")


def write_pairs(
    spec: DataSpec,
    data: Dataset,
    out: str,
    function: Callable[[Any], Any],
    heads: tuple[str, str],
    before: Callable[[Any], Any] = lambda values: values,
) -> None:
    """``function`` of ``data``; a grid shows the first examples, each before (as ``before`` shows
    it) and after, below the ``heads``."""
    if grid_wanted(spec, out):
        some = spec.to_user(spec.to_internal(data.user(slice(0, SHOWN))))
        pairs = np.stack([before(some), function(some)], axis=1).reshape(-1, *spec.user_shape)
        write_examples(pairs, spec, out, columns=2 * _PAIRS, labels=Labels(columns=heads * _PAIRS))
        say(
            f"{out}: {len(some)} of {len(data)}, each before and after; --out FOLDER or .npy"
            " writes all"
        )
    else:
        write_examples(function(data), spec, out, names=data.names)
        say(f"{out}: {len(data)}")
