"""The jobs of a comparison, of judging a run, and of a lecture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...comparison.candidates import ALL, candidates_for
from ...comparison.config import ComparisonConfig
from ...core.errors import UserError, nearest
from ...core.estimator_types import seconds
from ...core.registry import available
from ..context import Studio
from ..jobs.job import Job
from ..library.datasets import DataSource
from ..library.origins import need_origin
from ..library.reading import reading_arguments
from ..library.runs import RunFolder
from ..training.known import known_spec
from ..training.request import free_place, stem
from ..typed import LARGEST, whole_number

SIZES = ("tiny", "small", "base", "large")


def compare(
    studio: Studio, source: DataSource, given: Mapping[str, str], models: Sequence[str]
) -> Job:
    """A comparison on ``source`` within the budget that is ``given``: of ``models``, of all that
    suit, or by default of as many as there is time for. Raises `UserError` where that cannot
    be."""
    budget, size = given.get("budget", "").strip(), given.get("size") or "small"
    if size not in SIZES:
        raise UserError(f"size={size[:40]!r} was given; choose {', '.join(SIZES)}")
    seed = whole_number(given.get("seed"), "seed", LARGEST, 0)
    chosen = _chosen(studio, source, budget, given.get("who", ""), models)
    place = free_place(studio, f"comparisons/{stem(source)}")
    named = [part for model in chosen for part in ("--model", model)]
    how = ["--budget", budget, "--size", size, "--seed", str(seed), *named]
    read = reading_arguments(studio.library, source)
    arguments = ["--out", place, *how, *read, "--", source.text]
    title = f"Comparison on {source.name}"
    return studio.queue.add("compare", title, arguments, place=place, budget=seconds(budget))


def judge(studio: Studio, run: RunFolder) -> Job:
    """Figures of ``run``, by examples that are held out of the data it learned from."""
    source = need_origin(studio.library, run)
    place = f"{run.name}/evaluation"
    arguments = ["--out", place, "--", run.name, source.text]
    return studio.queue.add("evaluate", f"Judging {run.name}", arguments, place=place)


def lecture(studio: Studio, source: DataSource, given: Mapping[str, str]) -> Job:
    """A lecture on ``source`` within a budget. Raises `UserError` for one that is no time."""
    budget = given.get("budget", "").strip()
    length, place = seconds(budget), free_place(studio, f"lectures/{stem(source)}")
    read = reading_arguments(studio.library, source)
    arguments = ["--out", place, "--budget", budget, *read, "--", source.text]
    title = f"Lecture on {source.name}"
    return studio.queue.add("lecture", title, arguments, place=place, budget=length)


def _chosen(
    studio: Studio, source: DataSource, budget: str, who: str, models: Sequence[str]
) -> list[str]:
    """The names of who takes part; none for as many as there is time for."""
    training = ComparisonConfig.within(budget, None, features=()).training
    if who == ALL:
        return [ALL]
    if who != "chosen":
        return []
    if not models:
        raise UserError("no model was chosen; choose at least one to compare")
    for model in models:  # a name alone: what else a candidate can say is no page's to say
        if model not in available():
            raise UserError(f"model={model[:40]!r} was given; {nearest(model, available())}")
    if (spec := known_spec(studio, source)) is not None:
        candidates_for(models, spec, training)  # a mistake is told before it waits in the queue
    return list(models)
