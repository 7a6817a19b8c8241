"""A training whose examples come in parts, for as long as they come: a pass over each.

How long it will be is not known, and so nothing follows its progress: the rate rises and then stays
(an average of the weights is what is sampled, and stands in for a rate that falls; Polyak &
Juditsky 1992, "Acceleration of stochastic approximation by averaging"), and what grows or is
annealed over a training is as it is at the end of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from ...core.capabilities import DatasetProtocol
from ...core.errors import UserError
from ...core.estimator_types import GradientTrained
from ...core.seeding import seed_for
from ..device import fabric_for
from ..example_order import ExampleOrder
from ..runs.fine_tuning import Learned
from ..runs.learning_curve import Recorder
from ..trainer import Trainer
from .plan import OPEN, Plan, Revision

_FEWEST = 2  # examples in a step, of which batches have a spread


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


@dataclass
class PartialTraining:
    """The training of ``model``, which begins as what it has ``learned``, if anything; ``data`` is
    the first part, by which what the objectives need to know is measured."""

    model: GradientTrained
    data: DatasetProtocol
    learned: Learned | None = None
    reports: Recorder = field(default_factory=Recorder, init=False)
    parts: int = field(default=0, init=False)
    averaged: bool = field(default=False, init=False)  # whether networks hold their average
    examples: int = field(default=0, init=False)  # of all parts

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
        self.loop.build()

    def take(self, data: DatasetProtocol) -> int:
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
        if self.averaged:
            loop.state.average.apply()
            self.averaged = False
        step, batch = loop.state.step, min(model.batch_size_, max(_FEWEST, len(data)))
        self.plan.each = -(-len(data) // batch)
        self.plan.revisions.append(Revision(step, OPEN, batch=batch))
        before = self.plan.examples(step, batch)
        name = seed_for(model.seed, "part", self.parts)
        fabric = loop.fabric
        loop.data = data
        loop.order = ExampleOrder(len(data), name, fabric.global_rank, fabric.world_size, before)
        loop.advance(step + self.plan.each)
        loop.finish()
        self.averaged = True
        self.parts, self.examples = self.parts + 1, self.examples + len(data)
        return loop.state.step


def learns_in_parts(model: object) -> bool:
    """Whether a `PartialTraining` suits: one that learns by gradient steps, none of which comes
    from a model that is to be trained before."""
    return isinstance(model, GradientTrained) and model.learns_in_parts
