"""What is asked for when a room is made, and whether it can be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from ...core.capabilities import Samples
from ...core.errors import UserError
from ...core.spec import ImageSpec
from ...turing.trials import Kind, check_alike
from ..library.library import Library
from ..library.runs import RunFolder
from ..typed import LARGEST, real_number, whole_number
from .document import TELLS, Tells

TITLES: dict[Kind, str] = {"one": "Real or fake?", "pair": "Which one is real?"}
_LONGEST_TITLE = 80


@dataclass(frozen=True)
class RoomPlan:
    """``runs`` by the names that results call them by; the rest as in `make_trials` and
    `RoomDocument`."""

    runs: dict[str, RunFolder]
    title: str
    kind: Kind
    n: int
    control: bool
    practice: int
    limit: float | None
    seed: int
    tells: Tells

    @property
    def first(self) -> RunFolder:
        return next(iter(self.runs.values()))

    @property
    def spec(self) -> ImageSpec:
        spec = self.first.spec
        assert isinstance(spec, ImageSpec)
        return spec


def suited(library: Library) -> list[RunFolder]:
    """The runs whose models draw images."""
    return [
        run for run in library.runs().values() if run.of_images and run.usable and run.can(Samples)
    ]


def plan_from(form: FormData, library: Library) -> RoomPlan:
    """What the fields of ``form`` ask for. Raises `UserError` where that is no room, 404 for a run
    that there is none of."""
    runs = [library.run(str(id)) for id in dict.fromkeys(form.getlist("run"))]
    _check(runs, library)
    title = " ".join(str(form.get("title", "")).split())[:_LONGEST_TITLE]
    kind: Kind = _one_of(form, "kind", tuple(TITLES))
    return RoomPlan(
        runs=_named(runs),
        title=title or TITLES[kind],
        kind=kind,
        n=whole_number(form.get("n"), "trials", 400, low=4),
        control=bool(form.get("control")),
        practice=4 if form.get("practice") else 0,
        limit=real_number(form.get("limit"), "seconds", 0.05, 60) if form.get("limit") else None,
        seed=whole_number(form.get("seed"), "the seed", LARGEST),
        tells=_one_of(form, "tells", tuple(TELLS)),
    )


def _check(runs: Sequence[RunFolder], library: Library) -> None:
    there = {run.id for run in suited(library)}
    if not runs:
        raise UserError("no run was chosen; choose one or several whose images are to be judged")
    for run in runs:
        if run.id not in there:
            raise UserError(f"{run.name} draws no images yet; choose a run of images with weights")
    sources = list(dict.fromkeys(str(run.data["source"]) for run in runs))
    if len(sources) > 1:
        raise UserError(
            f"the runs learned from {' and '.join(sources)}, so that they would be told apart from"
            " different images; choose runs of one set of data"
        )
    specs = {run.name: run.spec for run in runs if isinstance(run.spec, ImageSpec)}
    check_alike(specs)


def _named(runs: Sequence[RunFolder]) -> dict[str, RunFolder]:
    """By the last part of their names, where that is no other's."""
    short = [run.name.rpartition("/")[2] for run in runs]
    return {
        name if short.count(name) == 1 else run.name: run
        for name, run in zip(short, runs, strict=True)
    }


def _one_of(form: FormData, name: str, known: Sequence[str]) -> Any:
    value = form.get(name)
    if value not in known:
        raise UserError(f"{name}={str(value)[:40]!r} was given; choose one of: {', '.join(known)}")
    return value
