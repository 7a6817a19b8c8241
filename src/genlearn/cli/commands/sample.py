"""`genlearn sample RUN`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ...core.capabilities import Samples
from ...core.errors import UserError
from ...core.image_grid import Labels
from ...core.options import KINDS, check_options, options_of
from ...core.registry import name_of
from ...data import open_data
from ...data.columns.keeping import Keeping, check_unbalanced
from ...data.text.prompt_grid import PromptGrid
from ...evaluate.worker_processes import Draw, WorkerPool
from ..common import default, loaded, out_option, seed_option
from ..data_io import ProgressLine, examples, learned_from
from ..options import count, processes_option, reading_options, sampling_flags
from ..prompts import prompts, tell_unknown
from ..say import say, tell
from ..writers import OutputSpec, writing

# examples drawn at a time: as many as the models draw at a time themselves, so that the result is
# that of one call
CHUNK = 512


@click.command()
@click.argument("run")
@click.option(
    "-n",
    "--number",
    default=64,
    show_default=True,
    type=count(),
    help="How many.",
)
@seed_option
@click.option(
    "--start",
    "first",
    default=0,
    show_default=True,
    type=count(0),
    help="Number of the first one: machines that draw parts draw what one would at once.",
)
@processes_option("the drawing, each with the next GPU, if there are any")
@out_option
@click.option(
    "--prompts",
    "file",
    type=click.Path(exists=True, dir_okay=False),
    help="File with a prompt in each line; -n of each.",
)
@sampling_flags(*KINDS)
@click.option(
    "--keep",
    "keep",
    multiple=True,
    metavar="RULE",
    help="Rule that all rows of a table hold, again for each: 'entry <= exit', 'a + b = total'.",
)
@reading_options
def sample(
    run: str,
    number: int,
    seed: int,
    first: int,
    processes: int,
    out: str | None,
    prompt: tuple[str, ...],
    file: str | None,
    keep: tuple[str, ...],
    reading: dict[str, Any],
    **how: Any,
) -> None:
    """Draw new data from RUN; written as it is drawn. Of several prompts each has -n images, from
    the same noises."""
    model, asked = loaded(run, "samples", Samples), prompts(prompt, file)
    each: list[dict[str, str]] = [{"prompt": text} for text in asked.texts] if asked else [{}]
    given = {key: value for key, value in how.items() if value is not None}
    check_options(given | each[0], model.sampling_options, f"{name_of(type(model))} in {run}")
    if "init" in given:
        given["init"] = examples(given["init"], model.spec_, number, run=run, **reading)
    tell_index(model, given.get("label"))
    if asked:
        tell_unknown(run, model, [*asked.texts, given.get("negative", "")])
    given = _settled(model, given)
    if keep:
        check_in_order(first, processes)
        _keep(run, model, number, seed, out, keep, given)
        return
    out = out or default(model.spec_, "sample")
    total = number * len(each)
    written = _written(model, asked, number, total)
    with writing(out, written) as put, ProgressLine("sampling") as bar:
        draws = (
            Draw(n, seed, start, given | asked_for)
            for asked_for in each
            for n, start in chunks(number, first)
        )
        if number > CHUNK or "steps" in options_of(model.sampling_options):
            bar(0, total)
        for drawn in WorkerPool(model, Path(run), processes).draw(draws):
            put(drawn)
            bar.advance(len(drawn))
    say(f"{out}: {total}")


def _written(model: Any, asked: PromptGrid | None, number: int, total: int) -> OutputSpec:
    """What is written: ``number`` of each prompt that is asked for, if any is."""
    columns = asked.columns * number if asked and asked.columns else None
    captions = (text for text in asked.texts for _ in range(number)) if asked else None
    labels = _labels(asked, number) if columns else None
    return OutputSpec(model.spec_, total, columns, captions=captions, labels=labels)


def chunks(number: int, first: int) -> Iterator[tuple[int, int]]:
    """How many are drawn at a time, and the number of the first of them."""
    end = first + number
    return ((min(CHUNK, end - start), start) for start in range(first, end, CHUNK))


def check_in_order(first: int, processes: int) -> None:
    """Raise `UserError` where rows that are kept would not be drawn one after the other from the
    first on: which ones they are depends on those before."""
    for option, given, usual in (("start", first, 0), ("processes", processes, 1)):
        if given != usual:
            raise UserError(
                f"--{option} {given} was given with --keep; which rows that keeps depends on those"
                " before, so leave one of the two out"
            )


def _keep(
    run: str,
    model: Any,
    n: int,
    seed: int,
    out: str | None,
    keep: tuple[str, ...],
    given: dict[str, Any],
) -> None:
    """Rows that hold the rules ``keep``, as they are drawn."""
    check_unbalanced(given)
    keeping, out = Keeping.of(keep, model.spec_), out or default(model.spec_, "sample")

    def draw(count: int, start: int) -> Any:
        bar(keeping.kept, n)
        return model.sample(count, seed=seed, start=start, **given)

    with writing(out, OutputSpec(model.spec_, n)) as put, ProgressLine("sampling") as bar:
        _tell_rules(run, model, keeping)
        for part in keeping.parts(n, draw):
            put(part)
    tell(keeping.told())
    say(f"{out}: {n}")


def _tell_rules(run: str, model: Any, keeping: Keeping) -> None:
    """How many rows of what ``run`` learned from hold each rule, where that can be read."""
    known = learned_from(run)
    if not known.source:
        return
    try:
        data = open_data(known.source, like=model.spec_, **known.options)
        shares = keeping.shares(data.values)
    except UserError as error:
        tell(f"the rules are not compared with what {run} learned from: {error}")
        return
    for rule, share in zip(keeping.rules, shares, strict=True):
        tell(f"{rule.text!r} holds in {100 * share:.3g} % of the rows of {known.source}")


def _labels(asked: PromptGrid | None, number: int) -> Labels | None:
    """The names of a grid with ``number`` samples of each prompt side by side."""
    if asked is None:
        return None
    return Labels(asked.rows, tuple(head for head in asked.heads for _ in range(number)))


def tell_index(model: Any, label: str | None) -> None:
    """Say so where a number names a class by its index."""
    names = getattr(model, "classes_in_", ())
    if label is None or label in names or not label.isdecimal() or int(label) >= len(names):
        return
    say(f"no class is called {label}: taken as the index of {names[int(label)]!r}", err=True)


def _settled(model: Any, given: dict[str, Any]) -> dict[str, Any]:
    """``given``, with the steps that its quality takes instead of the quality; they are told, and
    why."""
    quality = given.get("quality")
    if quality is None:
        return given
    curve = model.convergence_curve(given.get("sampler"))
    sampler, steps = model.steps_for_quality(quality, curve, given.get("sampler"))
    errors = ", ".join(f"{error:.2g} at {steps}" for steps, error in curve.items())
    say(
        f"error by steps, in standard deviations of the data: {errors}; {quality}: {steps} steps of"
        f" {sampler}",
        err=True,
    )
    return {key: value for key, value in given.items() if key != "quality"} | {
        "sampler": sampler,
        "steps": steps,
    }
