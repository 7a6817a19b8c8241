"""Classes that a model learned and draws from: by name, by number, or any of them as often as in
the data."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ..core.errors import UserError, nearest
from ..core.params import param
from ..core.seeding import seed_for, uniform
from ..core.spec import DataSpec
from .base import Estimator


@dataclass(kw_only=True, eq=False, repr=False)
class ClassConditional(Estimator):
    """A model that learns from classes where there are any."""

    condition: Literal["auto", "label", "none"] = param(
        "auto",
        "what examples are learned with, so that it can be asked for (auto: their class, where the"
        " data has classes)",
    )

    @property
    def uses_labels(self) -> bool:
        return self.condition != "none"

    @property
    @abstractmethod
    def class_frequencies_(self) -> Tensor:
        """How often each class occurs in the data, (classes,)."""

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for classes that are not there."""
        super().check_data(spec)
        if self.condition == "label" and not spec.classes:
            raise UserError(
                "condition='label' was given, but the data has no classes; give labels (folders, a"
                " column, y), or take condition='none'"
            )

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``classes_in_`` are the names of the classes that the networks know."""
        super().resolve_hyperparameters(spec)
        self.classes_in_ = spec.classes if self.learns_classes(spec) else ()

    def learns_classes(self, spec: DataSpec) -> bool:
        """Whether this model, as set up, learns from the classes of such data."""
        return self.condition in ("auto", "label") and bool(spec.classes)

    def sampled_labels(self, n: int, seed: int, start: int, label: int | None) -> Tensor | None:
        """The class of each sample, (n,): the one asked for, or drawn as often as it occurs in the
        data."""
        if not self.classes_in_:
            return None
        if label is not None:
            return torch.full((n,), label, device=self.device_)
        u = uniform(seed_for(seed, "label"), start, n, ())
        drawn = torch.searchsorted(self.class_frequencies_.cpu().double().cumsum(0), u)
        return drawn.clamp(max=len(self.classes_in_) - 1).to(self.device_)

    def class_index(self, label: str | int | None) -> int | None:
        """The index of a class that is given by its name, or where no name is a number, by its
        index. Raises `UserError` for an unknown one, and for any where none were learned."""
        if label is None:
            return None
        if not self.classes_in_:
            raise UserError(
                f"label={label!r} was given, but this model learned no classes; fit it on data that"
                " has them"
            )
        name = str(int(label)) if isinstance(label, (bool, float)) else str(label)
        if name in self.classes_in_:
            return self.classes_in_.index(name)
        numbered = any(known.lstrip("+-").isdecimal() for known in self.classes_in_)
        if not numbered and name.isdecimal() and int(name) < len(self.classes_in_):
            return int(name)
        raise UserError(f"no class is called {name!r}; {nearest(name, self.classes_in_)}")
