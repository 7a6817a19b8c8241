"""The teacher of a student: found by its run, checked, and noted in the student, which is complete without it."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from ..core.errors import UserError
from ..core.registry import name_of
from ..core.spec import DataSpec
from ..engine.run import created, described, load
from ._kept import read, written
from ._reverse import Reverse


class Origin(nn.Module):
    """The teacher's model and hyper-parameters as text, so that a student is complete without it; steps that a teacher trained here has learned."""

    text: Tensor
    learned: Tensor

    def __init__(self, model: Reverse) -> None:
        super().__init__()
        self.register_buffer("text", written(described(model)))
        self.register_buffer("learned", torch.zeros((), dtype=torch.long))

    @staticmethod
    def model(text: Tensor) -> Reverse:
        """The model, not fitted."""
        return cast(Reverse, created(read(text)))


def taught(run: str) -> Reverse:
    """The diffusion model of ``run``. Raises `UserError` where there is none."""
    try:
        model = load(run)
    except UserError as error:
        raise UserError(f"teacher={run!r} was given; {error}") from error
    if not isinstance(model, Reverse):
        raise UserError(f"teacher={run!r} is a run of {name_of(type(model))}; a student learns from a diffusion model, such as flow or edm")
    return model


def check_teacher(teacher: Reverse, spec: DataSpec) -> None:
    """Raise `UserError` for a ``teacher`` that learned from data of another kind than ``spec``."""
    there = teacher.spec_
    if type(there) is not type(spec) or there.shape != spec.shape:
        raise UserError(f"the teacher learned from examples of shape {there.user_shape}, these have {spec.user_shape}; fit both on the same data")
    if teacher.classes_in_ and teacher.classes_in_ != spec.classes:
        raise UserError(
            f"the teacher knows the classes {', '.join(teacher.classes_in_)}; fit its student on data with the same, or a teacher without"
        )
