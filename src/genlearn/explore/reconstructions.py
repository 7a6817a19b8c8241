"""A view of several models: what is left of the same examples after the way through codes of
growing size."""

from __future__ import annotations

import numpy as np

from ..core.capabilities import Encodes
from ..core.errors import UserError
from ..data import Dataset, open_data
from ..evaluate.probes.reconstruction import errors_of
from .question import Question, Shown, check_images, counted
from .sheet import Sheet

_SHOWN = 10


def latents(question: Question) -> Shown:
    """Examples and their reconstructions, a row for each run, by latents, with their errors."""
    _check(question)
    spec = question.model.spec_
    wanted = question.room(question.number or _SHOWN, spec, "examples")
    values = question.read(wanted)
    data: Dataset = open_data(values, like=spec)
    by_size = sorted(question.models.items(), key=lambda item: item[1].latent_dim_)
    errors = {name: float(errors_of(model, data, len(data)).mean()) for name, model in by_size}
    rows = [spec.to_user(spec.to_internal(values))]
    rows += [model.reconstruct(values) for _, model in by_size]
    names = [f"{counted(m.latent_dim_, 'latent')}, error {errors[name]:.2g}" for name, m in by_size]
    about = "; ".join(f"{name}: {label}" for (name, _), label in zip(by_size, names, strict=True))
    shown = counted(len(values), "example")
    sheet = Sheet(np.stack(rows), ("data", *names))
    return Shown((sheet,), f"{shown}; {about} (mean square, in shares of the range)")


def _check(question: Question) -> None:
    """Raise `UserError` where a model has no codes, or not all are of one kind of images."""
    first = question.name
    for name, model in question.models.items():
        check_images(name, model)
        spec = model.spec_
        if not isinstance(model, Encodes):
            raise UserError(
                f"{name} is of model {type(model).__name__}, which has no codes; see `genlearn"
                " models`"
            )
        if unlike := question.model.spec_.unlike(spec):
            field, one, other = unlike
            raise UserError(
                f"{first} has images of {field} {one}, {name} of {other}: the same examples"
                " cannot be shown to both; name runs that learned from one kind"
            )
