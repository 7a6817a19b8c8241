"""Making a room: real images from what the runs learned from, others from their models, and all of
them as trials in a folder."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread

from ...core.capabilities import Array
from ...core.disk.atomic import atomic_folder
from ...core.errors import UserError, exhausted, first_line
from ...core.seeding import random_rows
from ...data import has_split
from ...engine.runs.manifest import learned_from
from ...turing import make_trials, quiz_page
from ...turing.trials import Trials, images_needed
from ..library.library import Library
from ..library.origins import open_origin, place_of_origin
from ..memory import keep_what_is_there
from ..serving.models import Models
from .document import RoomDocument
from .pictures import picture, pictures_of
from .plan import RoomPlan
from .room import PICTURES, QUIZ
from .rooms import Making, Rooms

log = logging.getLogger("genlearn.studio")


async def make(plan: RoomPlan, code: str, library: Library, models: Models, rooms: Rooms) -> None:
    """Make the room ``code`` that ``plan`` asks for; ``rooms.making`` tells how it stands, and
    what went wrong."""
    making = rooms.making[code]
    try:
        await _make(plan, making, library, models, rooms.place)
        making.ready = True
    except UserError as error:
        making.problem = str(error)
    except Exception as error:
        defect = f"{type(error).__name__}: {first_line(error)}. This is a defect of genlearn."
        making.problem = exhausted(error) or defect
        log.error("room %s", code, exc_info=error)


async def _make(
    plan: RoomPlan, making: Making, library: Library, models: Models, place: Path
) -> None:
    making.steps = len(plan.runs) + 2
    making.doing = "reading the real images"
    most, each = images_needed(plan.kind, plan.n, len(plan.runs), plan.practice, plan.control)
    real = await anyio.to_thread.run_sync(_real, plan, library, most)
    drawn: dict[str, Array] = {}
    for name, run in plan.runs.items():
        making.done += 1
        making.doing = f"drawing {each} images by {name}"
        drawn[name] = await models.ask(run, _sampling(each, plan.seed))
    making.done += 1
    making.doing = "making the trials"
    await anyio.to_thread.run_sync(_write, plan, making.code, real, drawn, place)
    keep_what_is_there()  # models were loaded, and judges are about to come


def _sampling(n: int, seed: int) -> Callable[[Any], Array]:
    def sample(model: Any) -> Array:
        images: Array = model.sample(n, seed=seed)
        return images

    return sample


@dataclass(frozen=True)
class _Real:
    """Real images, and which ones they are."""

    images: Array
    note: str


def _real(plan: RoomPlan, library: Library, most: int) -> _Real:
    """Of the test part of what the runs learned from, where there is one."""
    source, run = str(plan.first.data["source"]), plan.first
    split = "test" if has_split(place_of_origin(library, run), "test") else None
    data = open_origin(library, run, split)
    if len(data) < most:
        raise UserError(
            f"{source} has {len(data):,} images to show; {plan.n} trials take {most:,} real ones,"
            " each once: ask for fewer trials"
        )
    images = data.user(random_rows(plan.seed, len(data), most, "room"))
    return _Real(images, _note(plan, source, data.fingerprint, split is not None))


def _note(plan: RoomPlan, source: str, fingerprint: str, held_out: bool) -> str:
    """Whether the models have seen the real images."""
    learned = [name for name, run in plan.runs.items() if fingerprint in learned_from(run.data)]
    if learned:
        return (
            f"The real images are among those of {source} that {' and '.join(learned)} learned"
            " from, as there is no test part: a model that copies them would look real."
        )
    if held_out:
        return f"The real images are from the test part of {source}; no model learned from them."
    return (
        f"The real images are from {source}, which has changed since the models learned from it,"
        " and has no test part: they may have learned from some of these images."
    )


def _write(plan: RoomPlan, code: str, real: _Real, drawn: dict[str, Array], place: Path) -> None:
    trials = make_trials(
        real.images,
        drawn,
        n=plan.n,
        kind=plan.kind,
        seed=plan.seed,
        practice=plan.practice,
        control=plan.control,
    )
    shown = pictures_of(trials, plan.spec)
    files = [picture(images) for images in shown]
    with atomic_folder(place / code) as folder:
        (folder / PICTURES).write_bytes(b"".join(files))
        page = quiz_page(trials, plan.spec, title=plan.title, limit=plan.limit)
        (folder / QUIZ).write_text(page, encoding="utf-8")
        _document(plan, code, trials, real.note, shown, len(files[0])).write(folder)


def _document(
    plan: RoomPlan, code: str, trials: Trials, note: str, shown: Array, length: int
) -> RoomDocument:
    return RoomDocument(
        code=code,
        title=plan.title,
        kind=plan.kind,
        sources=list(trials.sources),
        practice=trials.practice,
        truths=RoomDocument.truths_of(trials),
        limit=plan.limit,
        tells=plan.tells,
        seed=plan.seed,
        created=time.time(),
        height=shown.shape[2],
        width=shown.shape[3],
        length=length,
        note=note,
    )
