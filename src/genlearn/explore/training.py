"""Views of a training: what one noise was and has become, and how the two players of a game
stood."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..core.capabilities import Discriminates
from ..core.disk.arrays import read_array
from ..core.errors import UserError
from ..core.spec import ImageSpec
from ..engine.runs.preview import find_previews
from .question import MOST_FRAMES, Question, Shown, check_images, counted
from .sheet import Array, Curves, Sheet, evenly

_ROWS, _MOMENTS = 6, 12
_CANNOT_TELL = 0.5


def training(question: Question) -> Shown:
    """The samples of a run from one noise, after so many steps."""
    sheet, moments, found = _previews(question)
    samples = counted(len(sheet.values), "sample")
    about = f"{samples} of one noise each over training, {len(moments)} moments"
    left_out = f" of {found}" if found > len(moments) else ""
    return Shown((sheet,), f"{about}{left_out}, to step {moments[-1]:,}")


def players(question: Question) -> Shown:
    """The same beside how sure the discriminator was of data and of samples at that time."""
    model, _ = question.able("plays against a discriminator", Discriminates)
    sheet, moments, _ = _previews(question)
    history = model.certainty_history()
    if not len(history):
        raise UserError(
            f"{question.name} does not say how sure its discriminator was; fit it again"
        )
    lines = {"D(data)": history[:, [0, 1]], "D(samples)": history[:, [0, 2]]}
    at = [[float(np.interp(moment, *line.T)) for moment in moments] for line in lines.values()]
    sheet = replace(sheet, curves=Curves(lines, tuple(map(float, moments)), _CANNOT_TELL))
    return Shown(
        (sheet,),
        f"the discriminator is sure of data by {at[0][-1]:.2f} and of samples by {at[1][-1]:.2f} at"
        f" step {moments[-1]:,}; both come near 0.5 where it cannot tell",
    )


def _previews(question: Question) -> tuple[Sheet, list[int], int]:
    """Previews as a sheet, the steps they were made at, and how many there are."""
    check_images(question.name, question.model)
    spec: ImageSpec = question.model.spec_
    every = _read(question, spec)
    if len(every) < 2:
        raise UserError(
            f"{question.name} has {counted(len(every), 'preview')} in"
            f" {Path(question.name) / 'samples'}, and a training is shown by two or more: runs that"
            " learn step by step leave them there"
        )
    chosen = evenly(len(every), question.moments(_MOMENTS, MOST_FRAMES, spec))
    rows = min(len(values) for _, values in every)
    rows = min(rows, question.room(question.number or _rows(question), spec, "samples"))
    moments = [every[i][0] for i in chosen]
    values = np.stack([every[i][1][:rows] for i in chosen], 1)
    names = tuple(f"{moment:,}" for moment in moments)
    return Sheet(values, columns=names, moves=True, axis="step"), moments, len(every)


def _rows(question: Question) -> int:
    return 2 * _ROWS if question.film else _ROWS


def _read(question: Question, spec: ImageSpec) -> list[tuple[int, Array]]:
    """The previews that are whole; the others are told."""
    found = []
    for path in find_previews(Path(question.name) / "samples"):
        try:
            values = read_array(path)
        except (ValueError, EOFError, OSError):
            values = None
        if values is None or values.shape[1:] != spec.user_shape or not len(values):
            question.tell(f"{path} is damaged, or of other data: left out")
        else:
            found.append((int(path.stem), values))
    return found
