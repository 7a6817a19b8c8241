"""`genlearn outliers RUN DATA`: which examples are unlike what a run learned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from ...core.errors import UserError, nearest
from ...core.spec import ImageSpec
from ..common import load_run
from ..data_io import ProgressLine, learned_from, read_like
from ..options import count, label_option, reading_options
from ..outputs import write_table
from ..png import write_png
from ..protect import INPUT, check_output
from ..say import say

if TYPE_CHECKING:
    from ...core.capabilities import Array
    from ...data import Dataset
    from ...evaluate.outliers.find import Outliers
    from ...evaluate.outliers.reference import Reference

_TOLD = 5  # examples that are printed


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@click.option(
    "--score",
    "scores",
    multiple=True,
    default=("auto",),
    help=(
        "What is unusual: reconstruction, ratio, typicality or log_prob, again for each; the first"
        " one ranks. all: each that the model has. [default: the first of these that it has]"
    ),
)
@click.option(
    "--positive",
    multiple=True,
    metavar="CLASS",
    help="Class of DATA that is unusual, again for each: how well it is found is told as AUC.",
)
@reading_options
@label_option
@click.option(
    "--reference",
    type=INPUT,
    help="Data that is as it should be. [default: what RUN learned from, its test split if any]",
)
@click.option(
    "--reference-examples",
    type=count(),
    default=1000,
    show_default=True,
    help="How many of it to hold DATA against, at most.",
)
@click.option(
    "--out",
    default="outliers.csv",
    show_default=True,
    help="Table of ranks: .csv or .parquet; for images, a contact sheet (.png) beside it.",
)
def outliers(
    run: str,
    data: str,
    scores: tuple[str, ...],
    positive: tuple[str, ...],
    reading: dict[str, Any],
    reference: str | None,
    reference_examples: int,
    out: str,
) -> None:
    """The examples of DATA by how unlike they are to what RUN learned, the most unusual first; with
    p-values by examples that are as they should be."""
    from ...evaluate.outliers.find import find_outliers
    from ...evaluate.outliers.scores import chosen_scores

    model, sheet = load_run(run), Path(out).with_suffix(".png")
    check_output(sheet)
    chosen_scores(model, scores)
    examples = read_like(data, model.spec_, run=run, held_out=True, **reading)
    unusual = _unusual(examples, positive, data)
    beside = _reference(run, model, reference, reference_examples)
    with ProgressLine("scoring") as bar:
        found = find_outliers(model, examples, beside, scores, bar)
    write_table(found.table, out)
    if isinstance(model.spec_, ImageSpec):
        _write_sheet(found, sheet)
    _tell(found, out)
    if unusual is not None:
        for name, value in found.auc(unusual).items():
            say(
                f"AUC of {', '.join(positive)}, {name}: {value.value:.3f}"
                f" [{value.low:.3f}, {value.high:.3f}]"
            )


def _reference(run: str, model: Any, source: str | None, largest: int) -> Reference:
    from ...evaluate.outliers.reference import reference_of

    known = learned_from(run, source)
    named = known.needed("by --reference DATA")
    try:
        return reference_of(
            named, model.spec_, known.fingerprints, largest=largest, **known.options
        )
    except UserError as error:
        raise UserError(
            f"{error} (examples to compare with; --reference DATA names others)"
        ) from None


def _unusual(examples: Dataset, positive: tuple[str, ...], data: str) -> Array | None:
    """Where the examples are of the classes ``positive``, if any are named."""
    if not positive:
        return None
    if examples.labels is None:
        raise UserError(
            f"--positive {positive[0]} was given; {data} has no classes: leave it off, or name the"
            " column that holds them by --label"
        )
    classes = examples.spec.classes
    there = {classes[label] for label in np.unique(examples.labels)}
    for name in positive:
        if name not in there:
            raise UserError(
                f"--positive {name} was given; {data} has no such class; {nearest(name, there)}"
            )
    found = np.isin(examples.labels, [classes.index(name) for name in positive])
    if found.all() or not found.any():
        which = "all" if found.all() else "none"
        raise UserError(
            f"--positive {', '.join(positive)} was given; {which} of the examples are of that kind,"
            " and an AUC takes both"
        )
    return np.asarray(found)


def _write_sheet(found: Outliers, sheet: Path) -> None:
    from ...evaluate.outliers.sheet import outlier_sheet

    write_png(outlier_sheet(found), sheet)
    say(f"{sheet}: the most unusual ones")


def _tell(found: Outliers, out: str) -> None:
    """The first few, and what they are held against."""
    first, score = next(iter(found.scores.items()))
    reference = found.reference
    say(f"{out}: {len(found.table):,} examples by {first}, {score.meaning}")
    say(f"p-values by {len(reference.examples):,} examples of {reference.what}{reference.caveat}")
    for row in found.table.head(_TOLD).to_dict("records"):
        name = row.get("name", row["index"])
        rarer = 100 * (1 - row[f"{first}_p"])
        say(
            f"{row['rank']:>3}. {name}: {row[first]:.4g}, rarer than {rarer:.1f} % of them"
            f"{_of_columns(found, row['index'])}"
        )


def _of_columns(found: Outliers, i: int) -> str:
    """The value of row ``i`` that is the most surprising, where that is known."""
    from ...evaluate.outliers.by_column import value_of

    if found.by_column is None:
        return ""
    column = int(found.by_column.worst[i])
    value = value_of(found.data.user(slice(i, i + 1))[0], column, found.data.spec)
    surprise = found.by_column.surprise[i, column]
    return f"; above all {value} given the others ({surprise:.3g} {found.by_column.unit})"
