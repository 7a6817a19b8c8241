"""`genlearn compare DATA` and `genlearn evaluate RUN DATA`: the scoreboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...core.errors import UserError
from ...core.estimator_types import seconds
from ..options import binarise_option, count, data_options, processes_option, stem
from ..protect import INPUT, check_output
from ..say import say, tell
from ..session import Session

_OF_SLURM = ("--slurm", "--slurm-set")


@click.command()
@click.argument("data", type=INPUT)
@click.option(
    "--budget",
    default="10m",
    show_default=True,
    help="Total time for all models and for judging them: 90s, 10m, 2h.",
)
@click.option(
    "--out", help="Folder for the runs, report.html and report.json. [default: comparison-DATA]"
)
@click.option(
    "--model",
    "models",
    multiple=True,
    help=(
        "Who takes part, again for each: vae, or 'vae latent_dim=8 beta=4'; all for every one that"
        " suits. [default: baselines, and as many deep models as the budget can train]"
    ),
)
@click.option(
    "--size",
    type=click.Choice(["tiny", "small", "base", "large"]),
    default="small",
    show_default=True,
    help="Size of the networks.",
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Names all randomness."
)
@click.option(
    "--tune", is_flag=True, help="Search hyper-parameters first, in half of each model's time."
)
@click.option(
    "--trials",
    default=10,
    show_default=True,
    type=count(2),
    help="How many settings --tune tries of each model.",
)
@click.option(
    "--features",
    multiple=True,
    help="Also judge by a network trained elsewhere: inception, dinov2, clip, or its path.",
)
@click.option("--evaluation", help="Time for judging, as part of the budget. [default: a sixth]")
@click.option(
    "--samples",
    type=count(200),
    help=(
        "How many samples of each model to judge by. With steps for each model, equal comparisons"
        " are equal. [default: 2,000 where all models have steps, else as many as the time for"
        " judging allows]"
    ),
)
@processes_option("sampling and scoring")
@click.option(
    "--join",
    is_flag=True,
    help=(
        "Share the work with other processes that are given the same command, on any machines that"
        " see --out; the budget is then the time of all together."
    ),
)
@click.option(
    "--slurm",
    type=count(),
    metavar="JOBS",
    help=(
        "Submit so many jobs that share the work, as by --join, to SLURM; where there is none, as"
        " processes of this machine."
    ),
)
@click.option(
    "--slurm-set",
    "slurm_settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Setting of the jobs, again for each: timeout_min=120, gpus_per_node=1.",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
@binarise_option
@click.option(
    "--fresh", is_flag=True, help="Start again, replacing a comparison that stands there."
)
@data_options
@click.pass_obj
def compare(
    session: Session,
    /,
    data: str,
    out: str | None,
    tune: bool,
    trials: int,
    slurm: int | None,
    slurm_settings: tuple[str, ...],
    **options: Any,
) -> None:
    """Which model is best for DATA? Trains baselines and as many deep models as the budget can,
    judges them by held-out examples, and writes a report.

    The same command again continues a comparison that was stopped.
    """
    from ...comparison import compare as run
    from ...evaluate.ranking.text import text_table

    out = out or f"comparison-{stem(data)}"
    check_output(out)
    if slurm or slurm_settings:
        if options["fresh"]:
            raise UserError(
                "--fresh was given with --slurm; each job would start again: delete it first"
            )
        _submit(session.words, out, slurm, slurm_settings, options["budget"])
        return
    options |= {"trials": trials if tune else 0, "progress": True, "debug": session.debug}
    report = run(data, out, tell=tell, **options)
    say("\n".join(text_table(report)))
    say(f"\nthe report: {Path(out) / 'report.html'}")


def _submit(
    typed: tuple[str, ...],
    out: str,
    jobs: int | None,
    settings: tuple[str, ...],
    budget: str,
) -> None:
    """The command that was ``typed``, as ``jobs`` of a cluster, each of which joins the others."""
    from ...comparison.sharing.submitted import submit, without

    if not jobs:
        raise UserError(f"--slurm-set {settings[0]} was given without --slurm; say how many jobs")
    if wrong := [one for one in settings if "=" not in one]:
        raise UserError(f"--slurm-set {wrong[0]} was given; it is NAME=VALUE")
    words = [word for word in without(typed, _OF_SLURM) if word != "--join"]
    folder = Path(f"{out}-jobs")
    known = dict(one.split("=", 1) for one in settings)
    cluster, names = submit([*words, "--join"], folder, jobs, known, seconds(budget))
    tell(f"{cluster}: jobs {', '.join(names)}; their logs are in {folder}")
    say(f"the report will be: {Path(out) / 'report.html'}")


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@click.option("--out", help="Folder for report.html and report.json. [default: RUN/evaluation]")
@click.option(
    "--features",
    multiple=True,
    help="Also judge by a network trained elsewhere: inception, dinov2, clip, or its path.",
)
@click.option(
    "--evaluation",
    help="How long it may take: 30s, 5m. [default: a fifth of the training time, at least 10s]",
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Names all randomness."
)
@processes_option("sampling and scoring")
@click.option("--fresh", is_flag=True, help="Measure again what was measured before.")
@data_options
@click.pass_obj
def evaluate(session: Session, /, run: str, data: str, out: str | None, **options: Any) -> None:
    """How good is RUN? Its page of the scoreboard: judged by examples of DATA that are held out."""
    from ...comparison import evaluate_run as judge
    from ...evaluate.ranking.text import text_details

    out = out or f"{run}/evaluation"
    check_output(out)
    report = judge(run, data, out, tell=tell, debug=session.debug, **options)
    say("\n".join(text_details(report)))
    say(f"\nthe report: {Path(out) / 'report.html'}")
