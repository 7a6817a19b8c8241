"""`genlearn quiz RUN... DATA` and `genlearn quiz-results PAGE RESULT...`: which one is real?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ....core.capabilities import Array, Samples
from ....core.disk.atomic import write_bytes
from ....core.errors import UserError
from ....core.seeding import random_rows
from ....core.spec import ImageSpec
from ...common import loaded, seed_option
from ...data_io import ProgressLine, learned_from, read_like
from ...options import reading_options
from ...outputs import write_table
from ...protect import INPUT
from ...say import say, tell

_BEGIN = "genlearn-quiz:"


@click.command()
@click.argument("runs", nargs=-1, required=True)
@click.argument("data", type=INPUT)
@click.option(
    "-n",
    "--number",
    default=40,
    show_default=True,
    type=click.IntRange(4, 400),
    help="Trials that count; there is practice before, and some controls among pairs.",
)
@click.option(
    "--kind",
    default="one",
    show_default=True,
    type=click.Choice(["one", "pair"]),
    help="One image at a time, real or fake; or a real one beside a fake one.",
)
@click.option(
    "--limit",
    type=click.FloatRange(0.05, 60),
    metavar="SECONDS",
    help="Hide each image after so long. [default: it stays]",
)
@seed_option
@reading_options
@click.option("--out", default="quiz.html", show_default=True, help="The page: .html.")
def quiz(
    runs: tuple[str, ...],
    data: str,
    number: int,
    kind: Any,
    limit: float | None,
    seed: int,
    reading: dict[str, Any],
    out: str,
) -> None:
    """A page that asks people which images are real and which are drawn from RUN, one or several.

    Images of DATA that the runs have not learned from, where DATA has a test split. The page works
    from a file; at its end each judge gets a result to copy, for `genlearn quiz-results`.
    """
    from ....turing import make_trials, quiz_page
    from ....turing.trials import images_needed

    if Path(out).suffix not in (".html", ".htm"):
        raise UserError(f"--out {out} was given; the quiz is a page: name it .html")
    models = _models(runs)
    spec = next(iter(models.values())).spec_
    examples = read_like(data, spec, run=runs[0], held_out=True, **reading)
    _tell_learned(runs, examples.fingerprint)
    most, each = images_needed(kind, number, len(models))
    if len(examples) < most:
        raise UserError(
            f"{data} has {len(examples):,} images; a quiz of -n {number} takes {most:,}, each once:"
            " ask for fewer by -n, or give more data"
        )
    real = examples.user(random_rows(seed, len(examples), most, "quiz"))
    with ProgressLine("sampling") as bar:
        drawn = _drawn(models, each, seed, bar)
    trials = make_trials(real, drawn, n=number, kind=kind, seed=seed)
    _write(quiz_page(trials, spec, limit=limit), Path(out))
    say(f"{out}: {number} of {len(trials.trials)} trials count; open it in a browser")


@click.command("quiz-results")
@click.argument("page", type=INPUT)
@click.argument("results", nargs=-1, required=True, type=INPUT)
@click.option("--out", help="Table of all answers: .csv or .parquet.")
def quiz_results(page: str, results: tuple[str, ...], out: str | None) -> None:
    """What judges of the quiz PAGE have shown: accuracy, d' and more, each with an interval.

    RESULTS are files with what the page gave the judges to copy, one or many in a file, or these
    texts themselves.
    """
    from ....turing import read_results, summarize
    from ....turing.statistics import by_image, by_judge
    from ....turing.verdict import model_table, sentences

    texts = [
        ("the result", one) if one.startswith(_BEGIN) else (one, _text(Path(one)))
        for one in results
    ]
    answers = read_results(Path(page), texts, tell)
    summary = summarize(answers)
    if out:
        write_table(by_image(answers), out)
    for line in sentences(summary, answers):
        say(line)
    say("")
    say(model_table(summary))
    if summary.judges > 1:
        say("")
        say(by_judge(answers).to_string(index=False))


def _write(page: str, out: Path) -> None:
    """The page to its place. Raises `UserError` where another quiz lies there: its judges' results
    are read by it alone."""
    from ....turing.results import quiz_ids

    there = out.read_text("utf-8", "replace") if out.is_file() else ""
    if set(quiz_ids(there)) - set(quiz_ids(page)):
        raise UserError(
            f"{out} holds another quiz, which the results of its judges are read by; choose another"
            " --out, or remove it"
        )
    write_bytes(out, page.encode())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(
            f"{path} is no text; give files with the results that were copied"
        ) from None


def _models(runs: tuple[str, ...]) -> dict[str, Any]:
    """The models by the names of their runs. Raises `UserError` where one draws no images, or they
    are not of one kind."""
    from ....turing.trials import check_alike

    names = [Path(run).resolve().name for run in runs]
    models: dict[str, Any] = {}
    for run, name in zip(runs, names, strict=True):
        model = loaded(run, "samples", Samples)
        if not isinstance(model.spec_, ImageSpec):
            raise UserError(
                f"{run} learned from a table; people judge images, and rows of numbers are told"
                " apart by counting, as `genlearn evaluate` does"
            )
        title = name if names.count(name) == 1 else run
        if title in models:
            raise UserError(f"{run} was given twice; give each run once")
        models[title] = model
    check_alike({run: model.spec_ for run, model in zip(runs, models.values(), strict=True)})
    return models


def _tell_learned(runs: tuple[str, ...], fingerprint: str) -> None:
    """That the real images are those that a run has learned from."""
    for run in runs:
        if fingerprint in learned_from(run).fingerprints:
            tell(f"the real images are among those that {run} learned from; copies look real")


def _drawn(models: dict[str, Any], each: int, seed: int, bar: ProgressLine) -> dict[str, Array]:
    drawn = {}
    for index, (name, model) in enumerate(models.items()):
        bar(index, len(models))
        drawn[name] = model.sample(each, seed=seed)
    return drawn
