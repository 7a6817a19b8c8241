"""Drawings that are kept, and drawn again."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

import msgspec

from ...core.disk.checked import DIGEST, read_about
from ...core.errors import UserError
from ...core.image_grid import shown_size
from ...core.spec import ImageSpec
from ..context import Studio
from ..library.runs import RunFolder
from . import words
from .asked import Asked
from .drawing import Array, Drawn, Progress, draw, pictures, sheet
from .history import Entry, History
from .starts import initial, packed, unpacked

START = "start.npy"


@dataclass(frozen=True)
class Again:
    """What came of drawing something again: ``entry`` is None where every byte is the same."""

    entry: Entry | None
    said: str


def history_of(studio: Studio, run: RunFolder) -> History:
    """What was drawn from ``run`` so far."""
    return History(studio.library.own / "prompts", run.id)


async def new(studio: Studio, run: RunFolder, asked: Asked, progress: Progress) -> Entry:
    """Draw what was ``asked``, and keep it. Raises `UserError` where the model cannot, and
    `drawing.Stopped`."""

    def work(model: Any) -> Entry:
        told = words.told(studio.library, run, asked)
        init = initial(studio.library, run, asked.start)
        drawn = draw(model, asked, init, progress)
        return _keep(studio, run, drawn, asked, init, told)

    return await studio.models.ask(run, work)


async def again(studio: Studio, run: RunFolder, entry: Entry, progress: Progress) -> Again:
    """Draw ``entry`` again, exactly as it was; where the model has changed since, what it draws now
    is kept as well."""
    history, asked = history_of(studio, run), entry.asked

    def work(model: Any) -> Again:
        before = [history.file(entry.id, _name(index)) for index in range(entry.count)]
        init = unpacked(history.file(entry.id, START)) if asked.start else None
        exact = msgspec.structs.replace(asked, options=entry.options)
        drawn = draw(model, exact, init, progress)
        if pictures(drawn.values, _images(run)) == before:
            return Again(None, f"Drawn again: all {entry.count} images are equal, byte by byte.")
        now = _keep(studio, run, drawn, asked, init, entry.told)
        return Again(now, _changed(entry, now))

    return await studio.models.ask(run, work)


def _keep(
    studio: Studio,
    run: RunFolder,
    drawn: Drawn,
    asked: Asked,
    init: Array | None,
    told: list[str],
) -> Entry:
    """Write ``drawn`` down with all that it takes to draw it again."""
    spec, images = _images(run), pictures(drawn.values, _images(run))
    height, width = shown_size(spec)
    entry = Entry(
        id=secrets.token_hex(8),
        at=time.time(),
        asked=asked,
        options=drawn.options,
        steps=drawn.learned,
        weights=str(read_about(run.run.weights).get(DIGEST, "")),
        count=len(images),
        height=height,
        width=width,
        seconds=drawn.seconds,
        told=told,
    )
    files = {_name(index): image for index, image in enumerate(images)}
    files["sheet.png"] = sheet(drawn.values, spec, asked)
    if init is not None:
        files |= {START: packed(init), "start.png": pictures(init, spec)[0]}
    about = {"run": run.name, "model": run.model, **msgspec.to_builtins(entry)}
    files["settings.json"] = msgspec.json.format(msgspec.json.encode(about), indent=1)
    history_of(studio, run).add(entry, files)
    return entry


def _changed(before: Entry, now: Entry) -> str:
    """Why something that was drawn again is not what it was."""
    if before.weights == now.weights:
        return "Drawn again, and not equal: another version of the libraries computes otherwise."
    if before.steps == now.steps:
        return "Drawn again, and not equal: the model was trained anew since."
    return (
        f"Drawn again, and not equal: the model had learned {before.steps:,} steps then, and has"
        f" learned {now.steps:,} now."
    )


def _images(run: RunFolder) -> ImageSpec:
    if not isinstance(run.spec, ImageSpec):
        raise UserError(f"{run.name} draws no images; `genlearn sample` writes what it draws")
    return run.spec


def _name(index: int) -> str:
    return f"{index:03}.png"
