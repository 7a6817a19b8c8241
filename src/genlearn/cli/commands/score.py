"""The commands that judge examples by a run, or a run by what it draws: score, discriminate,
follow."""

from __future__ import annotations

import math
from typing import Any

import click
import pandas as pd

from ...core.capabilities import Array, Discriminates, Samples, Scores
from ...core.errors import UserError
from ...core.params import params_of
from ...data.dataset import Dataset
from ..common import load_run, loaded, seed_option
from ..data_io import ProgressLine, read_like
from ..options import count, reading_options
from ..outputs import write_table
from ..protect import INPUT
from ..say import say

_OWN = 1000  # samples that are judged beside the examples, at most


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@reading_options
@click.option("--examples", type=count(), help="Score the first so many. [default: all]")
@click.option(
    "--samples",
    type=count(),
    help="Importance samples, where the model takes them.",
)
@click.option("--out", help="Table of scores: .csv or .parquet.")
def score(
    run: str,
    data: str,
    reading: dict[str, Any],
    examples: int | None,
    samples: int | None,
    out: str | None,
) -> None:
    """log p(x) of each example of DATA by RUN, in nats."""
    from ...evaluate.probes.likelihood import score_in_parts

    model = load_run(run)
    if not isinstance(model, Scores):
        raise UserError(
            f"{run} is of model {type(model).__name__}, which knows no log p(x); `genlearn models`"
            " lists those that do"
        )
    if samples is not None:
        if "evaluation_samples" not in params_of(model):
            raise UserError(
                f"--samples {samples} was given; {run} is of model {type(model).__name__}, whose"
                " log p(x) needs no samples"
            )
        model.set_params(evaluation_samples=samples)  # type: ignore[attr-defined]
    spec = model.spec_  # type: ignore[attr-defined]
    prepared = read_like(data, spec, run=run, held_out=True, **reading)
    with ProgressLine("scoring") as bar:
        scores = score_in_parts(model, prepared, min(examples or len(prepared), len(prepared)), bar)
    if out:
        _write(prepared, "log_prob", scores, out)
    error = scores.std() / math.sqrt(len(scores))
    bits = -scores.mean() / prepared.spec.dim / math.log(2)
    say(
        f"log p(x) = {scores.mean():.2f} +- {error:.2f} nats ({model.log_prob_kind}), {bits:.4f}"
        f" bits/dim, n = {len(scores)}"
    )


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@reading_options
@click.option("--out", help="Table of answers: .csv or .parquet.")
def discriminate(run: str, data: str, reading: dict[str, Any], out: str | None) -> None:
    """How sure RUN's discriminator is that each example of DATA is data, and not one of the run's
    own samples."""
    model = loaded(run, "discriminates", Discriminates)
    prepared = read_like(data, model.spec_, run=run, held_out=True, **reading)
    answers = model.discriminate(prepared.values)
    if out:
        _write(prepared, "belief", answers, out)
    own = model.discriminate(model.sample(min(len(answers), _OWN), seed=0))
    say(
        f"D = {answers.mean():.3f} on average, n = {len(answers)}; {own.mean():.3f} of the run's"
        " own samples; 0.5 where it cannot tell"
    )


@click.command()
@click.argument("run")
@click.option(
    "-n",
    "--number",
    default=1000,
    show_default=True,
    type=count(),
    help="Pictures of each kind.",
)
@click.option(
    "--guidance",
    type=float,
    help="How far to exaggerate what tells a prompt from others; 1 for not at all.",
)
@click.option("--steps", type=int, help="Steps from noise to data.")
@seed_option
def prompt_adherence(run: str, number: int, seed: int, **how: float | int | None) -> None:
    """Whether RUN, trained on scenes, draws what it is asked for: shares of pictures that are
    right, by attribute."""
    from ...evaluate.probes.prompt_following import prompt_adherence

    model = loaded(run, "samples", Samples)
    shares = prompt_adherence(
        model, number, seed, **{key: value for key, value in how.items() if value is not None}
    )
    say(pd.DataFrame(shares).T.to_string(float_format=lambda share: f"{share:.3f}"))


def _write(prepared: Dataset, column: str, values: Array, out: str) -> None:
    """A table with a row for each example, by name where it has one."""
    names = {"name": prepared.names[: len(values)]} if prepared.names else {}
    write_table(pd.DataFrame({**names, column: values}), out)
