"""What an outlier score is, and what it is computed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core.capabilities import Array, DatasetProtocol
from ..evaluate_model import capped_importance_samples
from ..probes.likelihood import score_in_parts
from .reference import Reference

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """A `Progress` that says nothing."""


@dataclass(eq=False)
class Judge:
    """``model`` and the ``reference`` that examples are held against; log p(x) is computed once for
    all scores that build on it."""

    model: Any
    reference: Reference
    progress: Progress = silent
    _log_probs: dict[int, Array] = field(default_factory=dict, repr=False)

    def log_prob(self, data: DatasetProtocol) -> Array:
        """log p(x) in nats, (n,), with few importance samples where the model takes any."""
        if id(data) not in self._log_probs:
            with capped_importance_samples(self.model):
                found = score_in_parts(self.model, data, len(data), self.progress)
            self._log_probs[id(data)] = np.asarray(found, np.float64)
        return self._log_probs[id(data)]


@dataclass(frozen=True, kw_only=True)
class OutlierScore:
    """A number of each example, (n,), by ``function(judge, data)``: the higher, the more unusual.

    ``needs``: the capabilities of which a model has one, in which case the score exists for it,
    unless it is ``vain`` for the model, once fitted; ``meaning`` says in one sentence what it
    tells. Of those that a model has, the one with the lowest ``order`` is taken where none is asked
    for.
    """

    function: Callable[[Judge, DatasetProtocol], Array]
    needs: tuple[type[Any], ...]
    meaning: str
    order: int = 1000
    vain: Callable[[Any], bool] = lambda model: False

    def suits(self, model: Any) -> bool:
        return isinstance(model, self.needs) and not self.vain(model)
