"""A training that was asked for: the job that it becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...core.errors import UserError
from ...core.estimator_types import Composite, GradientTrained, seconds
from ..context import Studio
from ..jobs.job import Job
from ..library.datasets import DataSource
from ..library.reading import Reading, reading_arguments
from ..library.runs import RunFolder
from .cards import ModelCard
from .form import budget_from, flags_from, refuse_both

_WATCHED = "0.1"  # the share of the data that a training is watched by, if it is


def begin(studio: Studio, card: ModelCard, source: DataSource, given: Mapping[str, str]) -> Job:
    """The job of training the model of ``card`` on ``source``, as the filled-in form says. Raises
    `UserError` where that cannot be."""
    flags, (budget, given_seconds) = flags_from(card, given), budget_from(given.get("budget", ""))
    refuse_both(flags, budget)
    place = free_place(studio, f"runs/{card.name}-{stem(source)}")
    start = _start_from(studio, card, given.get("from", ""))
    watched = ["--validation", _WATCHED] if "watch" in given and _is_trained(card) else []
    reading = reading_arguments(studio.library, source)
    arguments = [card.name, "--out", place, *budget, *flags, *start, *watched]
    title = f"{card.title} on {source.name}"
    return studio.queue.add(
        "fit", title, [*arguments, *reading, "--", source.text], place=place, budget=given_seconds
    )


def go_on(studio: Studio, run: RunFolder, more: str) -> Job:
    """The job of training a finished ``run`` further, by a time or a number of steps."""
    more = more.strip()
    budget = None if more.isdigit() else seconds(more, "more")
    arguments = [run.model, "--out", run.name, "--more", more]
    title = f"{run.title} on {run.data['source']}, {more} more"
    arguments += [*_as_read(run), *_as_watched(run), "--", str(run.data["source"])]
    return studio.queue.add("fit", title, arguments, place=run.name, budget=budget)


def take_up(studio: Studio, run: RunFolder) -> Job:
    """The job of a ``run`` that was stopped, by the studio or in a shell, which goes on as it was
    planned."""
    hyper = run.manifest["hyper"]
    card = ModelCard(run.model, run.model_class)
    given = {name: _text(value) for name, value in hyper.items()}
    flags = flags_from(card, {name: text for name, text in given.items() if name != "steps"})
    length = [("--budget", hyper.get("budget")), ("--steps", hyper.get("steps"))]
    named = [part for flag, value in length if value is not None for part in (flag, str(value))]
    arguments = [run.model, "--out", run.name, *named, *flags]
    title = f"{run.title} on {run.data['source']}"
    arguments += [*_as_read(run), *_as_watched(run), "--", str(run.data["source"])]
    return studio.queue.add("fit", title, arguments, place=run.name)


def free_place(studio: Studio, wanted: str) -> str:
    """A folder called ``wanted``, or numbered where there is one already, or a job for it."""
    taken = {job.place for job in studio.queue.jobs()}
    place, number = wanted, 1
    while place in taken or (studio.settings.folder / place).exists():
        number += 1
        place = f"{wanted}-{number}"
    return place


def stem(source: DataSource) -> str:
    """What folders made of ``source`` are called."""
    name = (source.path.name if source.path else source.text).split(".")[0]
    return re.sub(r"[^\w-]+", "_", name).strip("_") or "data"


def _is_trained(card: ModelCard) -> bool:
    return issubclass(card.model, (GradientTrained, Composite))


def _start_from(studio: Studio, card: ModelCard, run: str) -> list[str]:
    """The flag of the run that the model begins as, if any."""
    if not run:
        return []
    first = studio.library.run(run)
    if first.model != card.name:
        raise UserError(
            f"{first.name} is of model {first.model}; {card.name} begins as a run of {card.name}"
        )
    return ["--from", first.name]


def _as_read(run: RunFolder) -> list[str]:
    """The flags by which ``run`` has read its data."""
    asked: dict[str, Any] = run.data.get("asked", {})
    known = {name: value for name, value in asked.items() if name in Reading.__struct_fields__}
    if (side := known.get("resolution")) is not None:
        known["resolution"] = "x".join(map(str, side)) if isinstance(side, list) else str(side)
    if (header := known.get("header")) is not None:
        known["header"] = "yes" if header else "no"
    given = {name: value for name, value in known.items() if value is not None}
    binarise = asked.get("binarise", "none")
    black = [] if binarise == "none" else ["--binarise", str(binarise)]
    return [*Reading(**given).arguments, *black]


def _as_watched(run: RunFolder) -> list[str]:
    """The flags by which a share of the data was held out of ``run``, if one was."""
    watched = run.manifest.get("validation")
    if not watched:
        return []
    share = watched["count"] / (watched["count"] + run.data["count"])
    patience = watched.get("patience")
    return ["--validation", repr(share), *(["--patience", str(patience)] if patience else [])]


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return "" if value is None else str(value)
