"""`genlearn score RUN DATA`."""

from __future__ import annotations

import math

import click
import pandas as pd

from ..core.capabilities import Scores
from ..core.errors import UserError
from ..core.hyper import hypers
from ..engine.run import load
from .output import write_table
from .reading import Bar, read_like


@click.command()
@click.argument("run")
@click.argument("data")
@click.option("--split", help="Part of the data. [default: test if there is one]")
@click.option("--examples", type=click.IntRange(min=1), help="Score the first so many. [default: all]")
@click.option("--samples", type=click.IntRange(min=1), help="Importance samples, where the model takes them.")
@click.option("--out", help="Table of scores: .csv or .parquet.")
def score(run: str, data: str, split: str | None, examples: int | None, samples: int | None, out: str | None) -> None:
    """log p(x) of each example of DATA by RUN, in nats."""
    from ..evaluate.likelihood import score_in_parts

    model = load(run)
    if not isinstance(model, Scores):
        raise UserError(f"{run} is of model {type(model).__name__}, which knows no log p(x); `genlearn models` lists those that do")
    if samples is not None:
        if "evaluation_samples" not in hypers(model):
            raise UserError(f"--samples {samples} was given; {run} is of model {type(model).__name__}, whose log p(x) needs no samples")
        model.set_params(evaluation_samples=samples)  # type: ignore[attr-defined]
    prepared = read_like(data, model.spec_, held_out=True, split=split)  # type: ignore[attr-defined]
    with Bar("scoring") as bar:
        scores = score_in_parts(model, prepared, min(examples or len(prepared), len(prepared)), bar)
    if out:
        names = {"name": prepared.names[: len(scores)]} if prepared.names else {}
        write_table(pd.DataFrame({**names, "log_prob": scores}), out)
    error = scores.std() / math.sqrt(len(scores))
    bits = -scores.mean() / prepared.spec.dim / math.log(2)
    click.echo(f"log p(x) = {scores.mean():.2f} +- {error:.2f} nats ({model.log_prob_kind}), {bits:.4f} bits/dim, n = {len(scores)}")
