"""The lecture: hold data out, train what the chapters need in the time there is, draw every
chapter, and write the page and the notebook.

What was trained is kept, so the same command continues a lecture that was killed, and with other
words (another language) it trains nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..comparison.compare import source_name
from ..core.disk.atomic import sole_writer, write_bytes
from ..core.disk.checked import read_document, write_document
from ..core.disk.durable import remove
from ..core.errors import UserError
from ..core.estimator_types import seconds
from ..core.spec import DataSpec, ImageSpec
from ..data.split import Split, hold_out
from .chapter import Chapter, Drawn, chosen
from .course import Course, Settings
from .notebook import notebook
from .page.page import Part, render
from .strings import strings
from .trainings.borrow import borrow, folder_of_runs
from .trainings.train import train_all
from .trainings.training import Training, affordable

DRAWING = 0.2  # the share of the budget that is for figures
_SMALL = 0.4  # seconds of the budget for each number of an example: enough for small networks
_LARGEST = 32  # pixels of a side, where no other size is asked for
Tell = Callable[[str], None]


def silent(line: str) -> None:
    """A `Tell` that says nothing."""


def lecture(
    source: Any = "digits",
    out: str | Path = "lecture",
    *,
    budget: str = "10m",
    steps: int | None = None,
    seed: int = 0,
    size: str = "auto",
    device: str = "auto",
    language: str = "en",
    only: Sequence[int] = (),
    runs: str | Path | None = None,
    fresh: bool = False,
    tell: Tell = silent,
    progress: bool = False,
    **options: Any,
) -> Path:
    """Write lecture.html and lecture.ipynb on ``source`` to the folder ``out``; the page's path.

    ``budget``: total time, as 90s, 10m or 2h. ``steps``: so many of each training instead, as long
    as that takes, so that two equal lectures are equal. ``language``: the strings to write it in.
    ``size``: of the networks, auto for what the time is enough for. ``only``: numbers of the
    chapters to write, all where there are none. ``runs``: a folder of runs, such as a comparison's:
    those that learned from the same data, with the same settings but for their length, are not
    trained again. ``options`` are those of `open_data`. The same call continues a lecture that was
    stopped. Raises `UserError` for fewer than 50 examples, and for a folder that holds something
    else.
    """
    started = time.perf_counter()
    words, folder = strings(language), Path(out)
    chosen(only), seconds(budget)  # mistakes are told before anything is read
    lent = folder_of_runs(runs)
    split, options = _readable(source, seed, tell, options)
    size = _affordable_size(seconds(budget), split.train.spec) if size == "auto" else size
    settings = Settings(seconds(budget), steps, seed, size, device, language)
    place = Path(source) if isinstance(source, (str, Path)) and Path(source).exists() else None
    course = Course(split, folder, settings, words, source_name(source), place, options)
    with sole_writer(folder, "runs", "films"):
        course.started = started - _open(course, fresh)
        suited = {chapter: chapter.unsuited(course) for chapter in chosen(only)}
        needed = _needed(course, [chapter for chapter, why in suited.items() if not why])
        needed = borrow(course, needed, lent, tell)
        kept, left_out = (
            (needed, []) if steps else affordable(needed, settings.budget * (1 - DRAWING))
        )
        _announce(course, suited, kept, left_out, tell)
        deadline = course.started + settings.budget * (1 - DRAWING)
        train_all(course, kept, deadline, tell, progress)
        parts = _draw(course, suited, tell)
        page = folder / "lecture.html"
        write_bytes(page, render(course, parts).encode())
        write_bytes(folder / "lecture.ipynb", notebook(course, parts).encode())
        tell(f"{page}: {time.perf_counter() - started:.0f} s; the same as a notebook beside it")
    return page


def _affordable_size(time_given: float, spec: DataSpec) -> str:
    """The size of networks that can learn something of such data in the parts of the time."""
    return "small" if time_given / spec.dim > _SMALL else "tiny"


def _readable(
    source: Any, seed: int, tell: Tell, options: dict[str, Any]
) -> tuple[Split, dict[str, Any]]:
    """``source`` in two parts, and how it was read; large images smaller, so that a lecture's time
    is enough for them."""
    asked = {name: value for name, value in options.items() if value is not None}
    split = hold_out(source, seed=seed, tell=tell, **asked)
    spec = split.train.spec
    if not isinstance(spec, ImageSpec) or "resolution" in asked:
        return split, asked
    height, width = spec.shape[1:]
    if max(height, width) <= _LARGEST:
        return split, asked
    scale = _LARGEST / max(height, width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    tell(
        f"images of {height}x{width} are shown to the models at {size[0]}x{size[1]};"
        " --resolution asks for another size"
    )
    asked["resolution"] = size
    return hold_out(source, seed=seed, tell=tell, **asked), asked


def _open(course: Course, fresh: bool) -> float:
    """Begin or go on in the folder; the seconds that trainings there have taken. Raises
    `UserError` where it holds something else."""
    path = course.plan
    plan = {
        "fingerprint": course.split.whole,
        "seed": course.seed,
        "size": course.settings.size,
        "budget": course.settings.budget,
        "steps": course.settings.steps,
    }
    if path.exists() and not fresh:
        before = read_document(path)
        if {name: before.get(name) for name in plan} != plan:
            raise UserError(
                f"{course.folder} holds a lecture on other data or with other settings; name"
                " another folder (--out) or start it again (--fresh)"
            )
        return float(before.get("spent", 0.0))
    if path.exists():
        for name in ("runs", "films"):
            remove(course.folder / name)
    elif any(entry.name != ".lock" for entry in course.folder.iterdir()):
        raise UserError(f"{course.folder} holds other files; name another folder (--out)")
    write_document(path, {**plan, "spent": 0.0})
    return 0.0


def _needed(course: Course, suited: list[Chapter]) -> list[Training]:
    """All trainings of these chapters, each once, in the order in which they are met."""
    found: dict[str, Training] = {}
    for chapter in suited:
        for training in chapter.trainings(course):
            found.setdefault(training.name, training)
    return list(found.values())


def _announce(
    course: Course,
    suited: dict[Chapter, str],
    kept: list[Training],
    left_out: list[Training],
    tell: Tell,
) -> None:
    """The plan, before anything is trained."""
    total = sum(training.weight for training in kept) or 1.0
    time_for, steps = course.settings.budget * (1 - DRAWING), course.settings.steps
    length = f"of {steps:,} steps each" if steps else f"in about {time_for:.0f} s"
    tell(
        f"lecture on {course.source} in {course.folder}: {len(kept)} trainings {length},"
        f" then figures; {course.split.how}"
    )
    longest = sorted(kept, key=lambda training: -training.weight)[:3]
    shares = ", ".join(f"{t.name} {time_for * t.weight / total:.0f} s" for t in longest)
    if longest and not steps:
        tell(f"the longest: {shares}")
    for chapter, why in suited.items():
        if why:
            reason = course.strings.text("unsuited", why)
            tell(f"chapter {chapter.number} is left out: {reason}")
    if left_out:
        names = ", ".join(training.name for training in left_out)
        tell(f"too short a time for: {names}; --budget gives more")


def _draw(course: Course, suited: dict[Chapter, str], tell: Tell) -> list[Part]:
    """Every chapter; one that does not suit says why."""
    parts = []
    for chapter, why in suited.items():
        start = time.perf_counter()
        drawn = Drawn() if why else chapter.draw(course)
        parts.append(Part(chapter, drawn, why))
        if not why:
            took = time.perf_counter() - start
            tell(f"chapter {chapter.number}, {chapter.key}: drawn in {took:.1f} s")
    return parts
