"""Views of how a sample comes about: by number of steps, on its way from noise, style by style."""

from __future__ import annotations

import numpy as np

from ..core.capabilities import DiffusionProcess, MixesStyles, Samples
from ..core.errors import UserError
from ..core.options import options_of
from ..evaluate.panel import ACROSS
from .question import Question, Shown, counted
from .sheet import Array, Sheet
from .training import training

_ROWS, _DOUBLINGS, _MOST_DOUBLINGS, _FRAMES = 6, 7, 10, 24
_STYLES = 6


def steps(question: Question) -> Shown:
    """Samples of the same noise in one step, in two, in four and so on; of a model that draws at
    once, its samples over the steps of its training."""
    model, spec = question.able("samples", Samples)
    if "steps" not in options_of(model.sampling_options):
        question.tell(f"{question.name} draws at once; these are the steps of its training")
        return training(question)
    rows = question.room(question.number or _ROWS, spec, "samples")
    moments = question.moments(_DOUBLINGS, _DOUBLINGS, spec)
    if moments > _MOST_DOUBLINGS:
        question.tell(f"up to {2 ** (_MOST_DOUBLINGS - 1)} steps are shown; more change nothing")
    counts = [2**i for i in range(min(moments, _MOST_DOUBLINGS))]
    columns: list[Array] = []
    for count in counts:
        try:
            columns.append(model.sample(rows, seed=question.seed, steps=count))
        except UserError as error:  # a model that takes few steps
            if not columns:
                raise
            question.tell(str(error))
            break
    counts = counts[: len(columns)]
    names = tuple(counted(count, "step") for count in counts)
    sheet = Sheet(np.stack(columns, 1), columns=names, moves=True)
    return Shown(
        (sheet,), f"{counted(rows, 'sample')} of one noise each in 1 to {counts[-1]} steps"
    )


def process(question: Question) -> Shown:
    """Samples on their way from noise to data, each below what the model expects of it."""
    model, spec = question.able("goes from noise to data in steps", DiffusionProcess)
    rows = max(1, question.room(2 * (question.number or _ROWS // 2), spec, "rows") // 2)
    moments = max(2, question.moments(ACROSS, _FRAMES, spec))
    states, expected = model.sample_trajectory(rows, moments, seed=question.seed)
    values = np.stack([expected, states], 1).reshape(-1, *states.shape[1:])
    between = (str(moment) for moment in range(1, moments - 1))
    sheet = Sheet(values, ("expected", "sample") * rows, ("noise", *between, "data"), moves=True)
    return Shown((sheet,), f"{counted(rows, 'sample')} from noise to data, {moments} moments")


def styles(question: Question) -> Shown:
    """Coarse styles mixed with fine ones, and below samples from their average style (0) to their
    own (1)."""
    model, spec = question.able("has styles to mix", MixesStyles)
    n = question.room((question.number or _STYLES) + 1, spec, "styles") - 1
    coarse, fine, mixed = model.mix_styles(n, n, seed=question.seed)
    blank = np.full_like(coarse[0], spec.high)
    values = np.concatenate(
        [np.stack([blank, *fine])[None], np.concatenate([coarse[:, None], mixed], 1)]
    )
    rows, columns = ([f"{which} {i + 1}" for i in range(n)] for which in ("coarse", "fine"))
    mixing = Sheet(values, ("", *rows), ("", *columns))
    truncated = _truncation(question, n, question.moments(n + 1, _FRAMES, spec))
    return Shown(
        (mixing, truncated),
        f"{n} coarse by {n} fine styles; below, truncation from 0 to 1",
        back=True,
    )


def _truncation(question: Question, n: int, moments: int) -> Sheet:
    model = question.model
    if "truncation" not in options_of(model.sampling_options):
        raise UserError(f"{question.name} has no average style to come near to")
    degrees = np.linspace(0, 1, max(2, moments))
    columns = [model.sample(n, seed=question.seed, truncation=float(psi)) for psi in degrees]
    names = tuple(f"{psi:.2f}" for psi in degrees)
    return Sheet(np.stack(columns, 1), columns=names, moves=True, axis="truncation")
