"""A training whose examples come in parts, for as long as they come: a pass over each.

How long it will be is not known, and so nothing follows its progress: the rate rises and then stays
(an average of the weights is what is sampled, and stands in for a rate that falls; Polyak &
Juditsky 1992, "Acceleration of stochastic approximation by averaging"), and what grows or is
annealed over a training is as it is at the end of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol, Self

from ...core.capabilities import Array, DatasetProtocol
from ...core.errors import UserError
from ...core.estimator_types import GradientTrained
from ...core.seeding import random_rows, seed_for
from ..batches.batches import Batches
from ..batches.example_order import ExampleOrder
from ..hardware.device import fabric_for
from ..runs.fine_tuning import Learned
from ..runs.learning_curve import Recorder
from ..trainer import Trainer
from .plan import OPEN, Plan, Revision

_FEWEST = 2  # examples in a step, of which batches have a spread
_KEPT = 10_000  # examples that what sampling needs beside the weights is measured by


@dataclass
class EndlessPlan(Plan):
    """``each``: the steps of a pass, by which reports are spaced."""

    each: int = 1
    endless: ClassVar[bool] = True

    @property
    def first(self) -> int:
        return self.each

    def progress(self, step: int) -> float:
        return 1.0


class Part(DatasetProtocol, Protocol):
    """Data of which random examples can be kept."""

    def take(self, index: Array) -> Self: ...

    def joined(self, other: Self) -> Self: ...


@dataclass
class PartialTraining:
    """The training of ``model``, which begins as what it has ``learned``, if anything; ``data`` is
    the first part, by which what the objectives need to know is measured."""

    model: GradientTrained
    data: Part
    learned: Learned | None = None
    reports: Recorder = field(default_factory=Recorder, init=False)
    parts: int = field(default=0, init=False)
    examples: int = field(default=0, init=False)  # of all parts
    averaged: bool = field(default=False, init=False)  # whether networks hold their average
    _some: Part | None = field(default=None, init=False)  # a random part of them

    def __post_init__(self) -> None:
        if self.model.text_conditioned_:
            raise UserError(
                "partial_fit was given captions, which are numbered, and that takes all of them at"
                " once; use fit, or condition='none' to learn without them"
            )
        self.plan = EndlessPlan([Revision(0, OPEN)])
        fabric = fabric_for(self.model, self.data.spec)
        self.model.fine_tuned_ = self.learned is not None
        self.loop = Trainer(
            self.model, self.data, fabric, self.plan, callback=self.reports, start=self.learned
        )
        before = vars(self.model).get("networks_")
        try:
            self.loop.build()
        except BaseException:
            if before is None:
                vars(self.model).pop("networks_", None)
            else:
                self.model.networks_ = before
            raise

    def take(self, data: Part) -> int:
        """Learn from ``data`` in one pass, whose last step is filled up with examples of the next;
        the steps so far. Raises `UserError` for other classes than those of the first part."""
        loop, model = self.loop, self.model
        known: tuple[str, ...] = getattr(model, "classes_in_", ())  # if it learns any
        given = () if data.labels is None else data.spec.classes
        if known and known != given:
            raise UserError(
                f"classes {', '.join(given) or '(none)'} were given, and the model knows"
                f" {', '.join(known)}; give each example one of them"
            )
        step, batch = loop.state.step, min(model.batch_size_, max(_FEWEST, len(data)))
        self.plan.each = -(-len(data) // batch)
        self.plan.revisions = [Revision(step, OPEN, batch=batch)]
        name, fabric = seed_for(model.seed, "part", self.parts), loop.fabric
        loop.data = data
        order = ExampleOrder(len(data), name, fabric.global_rank, fabric.world_size)
        loop.batches = Batches(data, order, fabric.device)  # once each: they stay on the host
        if self.averaged:
            loop.state.average.apply()
            self.averaged = False
        try:
            loop.advance(step + self.plan.each)
        finally:
            loop.state.average.apply()
            self.averaged = True
            model.networks_.eval()
        model.post_training(self._kept(data))
        return loop.state.step

    def _kept(self, data: Part) -> Part:
        """What is kept of all parts, ``data`` among them: a random part of them."""
        total, name = self.examples + len(data), seed_for(self.model.seed, "kept", self.parts)
        new = round(min(_KEPT, total) * len(data) / total)
        some = data.take(random_rows(name, len(data), new))
        if self._some:
            old = random_rows(name, len(self._some), min(_KEPT, total) - new)
            some = self._some.take(old).joined(some)
        self._some, self.parts, self.examples = some, self.parts + 1, total
        return some
