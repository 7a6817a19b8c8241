"""What goes wrong in training, and one way back.

Losses and weights that are no longer finite are wrong in every model; what else is, a model says
itself (`GradientTrained.diagnose`). The first time, training returns to the last good state and
goes on at half the rate and with other randomness: the steps between are done again, and the run is
as long as it was meant to be. There is no second time, since what fails at half the rate too is
badly set up, and a person should know. Nothing is skipped or set to zero in silence.

Looking takes a synchronisation with the device, so it is done where the loop reports or saves; a
state is good if nothing was wrong where it was saved. The start is the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..core.errors import UserError
from ..core.estimator_types import GradientTrained
from ..core.seeding import seed_for, seeded
from .hardware.distributed import Processes
from .runs.checkpoint import Snapshot, State

# runs settle where the largest curvature is 2 / rate, the edge of stability (Cohen et al. 2021,
# arXiv 2103.00065); half is well inside
SLOWER = 0.5


@dataclass(frozen=True)
class TrainingFailure:
    """``why`` training should not go on as it does; ``fatal``: it cannot."""

    why: str
    fatal: bool


class DivergenceGuard:
    """Looks after the training of ``model``; ``good`` is the last good ``state``, until training
    went back to it."""

    def __init__(self, model: GradientTrained, state: State, fabric: Processes) -> None:
        self.model, self.state, self.fabric = model, state, fabric
        self.good: Snapshot | None = state.snapshot()
        self.told = False

    def seed(self, step: int) -> int:
        """Names the randomness of a step; another one after going back."""
        return seed_for(self.model.seed, "step", step, self.state.rollbacks)

    def keep(self) -> None:
        """The state is good."""
        if self.good:
            self.good = self.state.snapshot()

    def resume(self, good: Snapshot | None) -> None:
        """The state was read from the disk, where ``good`` was the last good one."""
        self.good = None if self.state.rollbacks else good or self.good

    def look(self, losses: Iterable[Tensor], thoroughly: bool) -> TrainingFailure | None:
        """What is wrong with ``losses``; if ``thoroughly``, with the weights too, and by the
        model's own word. The same at all processes."""
        if self._anywhere(not _finite(losses)):
            return TrainingFailure("the loss is no longer finite", fatal=True)
        if not thoroughly:
            return None
        if self._anywhere(not _finite(self._held())):
            return TrainingFailure("the weights are no longer finite", fatal=True)
        # the same noise everywhere: what the model notes of what it sees is equal then too
        name = seed_for(self.model.seed, "diagnose", self.state.step, self.state.rollbacks)
        with self.state.average.applied(), seeded(name):
            why = self.fabric.broadcast(self.model.diagnose())
        return TrainingFailure(why, fatal=False) if why else None

    def shortcoming(self) -> str | None:
        """What is wrong with the outcome, by the model's own word."""
        with seeded(seed_for(self.model.seed, "shortcoming")):
            return self.model.shortcoming()

    def go_back(self) -> None:
        """Return to the last good state, which is given up."""
        assert self.good is not None  # there is one before the first time, and no second time
        self.state.take(self.good)
        self.state.rollbacks += 1
        self.good = None

    def diverged(self, why: str, saved: bool) -> UserError:
        """What to do where going back did not help."""
        rate = f"{self.model.lr / 4:g}"
        where = ", with --fresh or into another folder" if saved else ""
        return UserError(
            f"training diverged although its rate was halved: {why} at step {self.state.step}; fit"
            f" at a lower rate, such as lr={rate}{where}"
        )

    def _held(self) -> Iterator[Tensor]:
        """The weights and their average, as this process holds them."""
        return map(
            self.state.layout.mine, [*self.state.average.weights, *self.state.average.average]
        )

    def _anywhere(self, wrong: bool) -> bool:
        """Whether something is ``wrong`` at any process: all of them go back, or none."""
        if self.fabric.world_size == 1:
            return wrong
        return bool(self.fabric.all_reduce(torch.tensor(float(wrong)), reduce_op="max"))


def _finite(tensors: Iterable[Tensor]) -> bool:
    return all(bool(tensor.isfinite().all()) for tensor in tensors)
