"""Runs side by side: of one kind of data, drawn from the same seed, with their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.capabilities import Array, Samples
from ...core.errors import UserError
from ...core.image_grid import Labels, encoded, image_grid, to_bytes
from ...core.spec import ImageSpec, TableSpec
from ...core.spreadsheet import without_formulas
from ...evaluate.metric import MetricValue
from ...evaluate.uncertainty import tiers
from ..context import Studio
from ..library.runs import RunFolder
from ..typed import LARGEST, whole_number
from .scores import Cell, Figure, Judged, MetricFacts, cells, judged

MOST_RUNS, MOST = 8, 32


@dataclass(frozen=True)
class Beside:
    """What is asked for: ``number`` samples of each of the ``runs``, from ``seed``, of ``prompt``
    where there is one."""

    runs: list[RunFolder]
    seed: int = 0
    number: int = 8
    prompt: str = ""

    @property
    def take_prompts(self) -> bool:
        """Whether all of them draw what a text says."""
        return bool(self.runs) and all(run.takes_prompts for run in self.runs)


@dataclass(frozen=True)
class Line:
    """A metric of several runs: a figure for each, as numbers and as text."""

    key: str
    about: MetricFacts
    figures: list[Figure | None]
    cells: list[Cell]


def beside(studio: Studio, ids: Sequence[str], given: Mapping[str, str]) -> Beside:
    """What a page asks for. Raises `UserError` where it cannot be: runs of several kinds of
    data."""
    runs = [studio.library.run(id) for id in dict.fromkeys(ids)]
    if len(runs) > MOST_RUNS:
        raise UserError(f"{len(runs)} runs were chosen; at most {MOST_RUNS} stand side by side")
    kinds = {kind_of(run): run.name for run in runs}
    if len(kinds) > 1:
        told = "; ".join(f"{name} is of {kind}" for kind, name in kinds.items())
        raise UserError(f"{told}: choose runs of one kind of data")
    found = Beside(
        runs,
        whole_number(given.get("seed"), "seed", LARGEST, 0),
        whole_number(given.get("n"), "n", MOST, 8, low=1),
        given.get("prompt", "").strip()[:2000],
    )
    if found.prompt and not found.take_prompts:
        raise UserError("a prompt was given, but not all of these runs learned captions")
    return found


def drawing_runs(studio: Studio) -> dict[str, list[RunFolder]]:
    """Runs that can be drawn from, by the kind of their data; kinds of several runs first."""
    kinds: dict[str, list[RunFolder]] = {}
    for run in studio.library.runs().values():
        if run.usable and run.can(Samples):
            kinds.setdefault(kind_of(run), []).append(run)
    return dict(sorted(kinds.items(), key=lambda kind: -len(kind[1])))


def kind_of(run: RunFolder) -> str:
    """The kind of data that ``run`` is of, in words: equal for runs that compare."""
    spec = run.spec
    if isinstance(spec, ImageSpec):
        channels, height, width = spec.shape
        colours = {1: "grey ", 3: "colour "}.get(channels, f"{channels}-channel ")
        return f"{colours}images of {width} x {height}"
    if isinstance(spec, TableSpec):
        return f"tables of {', '.join(column.name for column in spec.fields)}"
    return f"arrays of {' x '.join(map(str, spec.shape))}"


async def samples(studio: Studio, run: RunFolder, asked: Beside) -> Array:
    """Those of one of the runs."""
    told = {"prompt": asked.prompt} if asked.prompt else {}
    drawn: Array = await studio.models.ask(
        run, lambda model: model.sample(asked.number, seed=asked.seed, **told)
    )
    return drawn


def row(values: Array, run: RunFolder) -> bytes:
    """Samples of a run of images in one row, as PNG."""
    assert isinstance(run.spec, ImageSpec)
    return encoded(image_grid(values, run.spec, len(values)))


def sheet(drawn: Sequence[Array], runs: Sequence[RunFolder]) -> bytes:
    """A row for each run of images, with its name, as PNG."""
    pixels = np.concatenate(
        [
            to_bytes(values, run.spec)
            for values, run in zip(drawn, runs, strict=True)
            if isinstance(run.spec, ImageSpec)
        ]
    )
    shape = (pixels.shape[-1], *pixels.shape[1:3])
    spec = ImageSpec(shape=shape, dtype="uint8", low=0, high=255, levels=256, channel_axis=True)
    labels = Labels(tuple(run.name for run in runs))
    return encoded(image_grid(pixels, spec, len(drawn[0]), labels=labels))


def all_judged(runs: Sequence[RunFolder]) -> list[Judged | None]:
    """The figures of each run, None where it was not judged."""
    return [judged(run.path) for run in runs]


def lines(found: Sequence[Judged | None]) -> list[Line]:
    """A line for each metric that any of them has, in the order of the reports; the best are
    marked where all were judged by the same."""
    compare = not at_odds(found)
    metrics = {key: about for one in found if one for key, about in one.report.metrics.items()}
    return [
        _line(key, about, [one.figures.get(key) if one else None for one in found], compare)
        for key, about in metrics.items()
        if any(one and key in one.figures for one in found)
    ]


def main_lines(found: Sequence[Judged | None], every: Sequence[Line]) -> list[Line]:
    """Those of the few metrics that say most."""
    keys = {key for one in found if one for key in one.report.shown}
    return [line for line in every if line.key in keys]


def grouped(every: Sequence[Line]) -> dict[str, list[Line]]:
    """Lines by the group of their metric, in order."""
    groups: dict[str, list[Line]] = {}
    for line in every:
        groups.setdefault(line.about.group, []).append(line)
    return groups


def at_odds(found: Sequence[Judged | None]) -> bool:
    """Whether they were judged by different examples or features, so that they do not compare."""
    return len({one.report.judged_by for one in found if one}) > 1


def table(runs: Sequence[RunFolder]) -> pd.DataFrame:
    """A row for each figure of each run."""
    found = all_judged(runs)
    rows = [
        {
            "run": run.name,
            "metric": line.about.title,
            "space": line.about.space,
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "unit": line.about.unit,
            "better": line.about.better,
        }
        for line in lines(found)
        for run, figure in zip(runs, line.figures, strict=True)
        if figure
    ]
    return without_formulas(pd.DataFrame(rows)) if rows else pd.DataFrame({"run": []})


def _line(key: str, about: MetricFacts, figures: list[Figure | None], compare: bool) -> Line:
    known = {
        str(i): MetricValue(one.value, *_ends(one), 0)
        for i, one in enumerate(figures)
        if one and one.value is not None
    }
    ranked = compare and len(known) > 1 and (about.better != "neither" or about.ideal is not None)
    placed = tiers(known, about.better, about.ideal) if ranked else {}
    best = {int(index) for index, tier in placed.items() if tier == 1}
    return Line(key, about, figures, cells(figures, best))


def _ends(figure: Figure) -> tuple[float, float]:
    """The interval; the value itself where there is none."""
    value = figure.value or 0.0
    low, high = figure.low, figure.high
    return (value if low is None else low, value if high is None else high)
