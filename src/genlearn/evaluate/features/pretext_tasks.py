"""How the feature network learns: by telling classes apart, or by recognising an image behind a
change of it.

The number of steps follows from the number of examples, so that it is the same on every machine;
only where the time allowed is too short, by a timing of the first steps, is it cut.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import count

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core.capabilities import Array
from ...core.seeding import seed_for
from ...data import Dataset
from ...engine.optimizers.one_cycle import OneCycle
from .augmentations import augmented_view, shift_image
from .base import Tell
from .network import Classifier, FeatureNet, Projector

# steps at least, at most, and examples to each step of the lesson
_FEWEST, _MOST, _PER_STEP = 400, 1200, 2
_TIMED = 8  # steps that the clock is read after
_VALIDATION = 2000  # examples of the tenth, at most
_RATE, _DECAY, _WARMUP = 3e-3, 1e-2, 0.1
_SMOOTHING, _TEMPERATURE, _OUT = 0.05, 0.2, 64
_FEW = 4  # examples of a class, on average, that are too few to learn classes by


class PretextTask(ABC):
    """An objective and the network it trains; ``batch`` examples to a step."""

    batch: int
    student: nn.Module

    def __init__(self, train: Dataset) -> None:
        self.train = train

    @abstractmethod
    def loss(self, index: Array) -> Tensor:
        """The objective on the examples at ``index``."""

    @abstractmethod
    def accuracy(self, index: Array) -> float:
        """The share of the examples at ``index`` that are told right."""

    @abstractmethod
    def about(self, accuracy: float, learned: int) -> str:
        """One sentence for the report."""


class ClassificationTask(PretextTask):
    """Cross-entropy with label smoothing; images shifted by a few pixels."""

    batch = 128

    def __init__(self, train: Dataset, net: FeatureNet) -> None:
        super().__init__(train)
        self.names, self.labels = np.unique(np.asarray(train.labels), return_inverse=True)
        self.student = Classifier(net, len(self.names))

    def loss(self, index: Array) -> Tensor:
        x, y = self.train.batch(index)[0], torch.from_numpy(self.labels[index])
        return F.cross_entropy(self.student(shift_image(x)), y, label_smoothing=_SMOOTHING)

    def accuracy(self, index: Array) -> float:
        told = torch.cat(
            [self.student(self.train.batch(part)[0]).argmax(1) for part in _parts(index, 256)]
        )
        return float((told.numpy() == self.labels[index]).mean())

    def about(self, accuracy: float, learned: int) -> str:
        task = f"tell the {len(self.names)} classes of {learned:,} training examples apart"
        return (
            f"a small convolutional network trained to {task} ({accuracy:.1%} right on the tenth"
            " set aside)"
        )


class SimCLRTask(PretextTask):
    """SimCLR: log-softmax over the cosines between the views of a batch, at a fixed temperature."""

    batch = 64

    def __init__(self, train: Dataset, net: FeatureNet) -> None:
        super().__init__(train)
        self.student = Projector(net, _OUT)

    def loss(self, index: Array) -> Tensor:
        cosines = self._cosines(index)
        partner = torch.arange(len(cosines)).roll(len(index))
        return F.cross_entropy(cosines / _TEMPERATURE, partner)

    def accuracy(self, index: Array) -> float:
        right = [
            (self._cosines(part).argmax(1) == torch.arange(2 * len(part)).roll(len(part))).float()
            for part in _parts(index, 256)
        ]
        return float(torch.cat(right).mean())

    def about(self, accuracy: float, learned: int) -> str:
        task = f"recognise each of {learned:,} training examples behind random changes"
        return (
            f"a small convolutional network trained to {task} ({accuracy:.1%} found again among the"
            " tenth set aside)"
        )

    def _cosines(self, index: Array) -> Tensor:
        x, _ = self.train.batch(index)
        z: Tensor = self.student(torch.cat([augmented_view(x), augmented_view(x)]))
        return (z @ z.T).fill_diagonal_(-10.0)


def pretext_task_for(train: Dataset, net: FeatureNet) -> PretextTask:
    """Classes where there are at least two with examples enough, views otherwise."""
    classes = 0 if train.labels is None else len(np.unique(train.labels))
    return (
        ClassificationTask(train, net)
        if 2 <= classes <= len(train) / _FEW
        else SimCLRTask(train, net)
    )


def split_validation(examples: int, seed: int) -> tuple[Array, Array]:
    """Indices to learn from, and of a tenth that is set aside."""
    order = np.random.default_rng(seed_for(seed, "features", "tenth")).permutation(examples)
    tenth = min(examples // 10, _VALIDATION)
    return np.sort(order[tenth:]), np.sort(order[:tenth])


def train_pretext(task: PretextTask, index: Array, seed: int, seconds: float, tell: Tell) -> int:
    """Train on the examples at ``index``; returns the number of steps."""
    optimizer = OneCycle(task.student.parameters(), _RATE, _WARMUP, _DECAY)
    task.student.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    batches = _batches(index, min(task.batch, len(index)), seed)
    steps, clock = planned_steps(len(index)), time.perf_counter()
    for step, rows in enumerate(batches):
        if step == _TIMED:
            steps = _affordable(steps, (time.perf_counter() - clock) / (_TIMED - 1), seconds, tell)
        if step >= steps:
            break
        clock = time.perf_counter() if step == 1 else clock
        optimizer.step(task.loss(rows), (step + 1) / steps)
    task.student.eval()
    return steps


def planned_steps(examples: int) -> int:
    """Steps for so many ``examples``, within limits."""
    return max(_FEWEST, min(_MOST, examples // _PER_STEP))


def _affordable(steps: int, each: float, seconds: float, tell: Tell) -> int:
    most = max(2 * _TIMED, int(min(steps, seconds / max(each, 1e-6))))
    if most < steps:
        tell(f"features: {most} of {steps} steps, in the {seconds:.0f} s there are for them")
    return min(steps, most)


def _batches(index: Array, size: int, seed: int) -> Iterator[Array]:
    """Endless batches: each pass goes through all examples once, in an order of its own, and drops
    what does not fill a batch."""
    for epoch in count():
        order = np.random.default_rng(seed_for(seed, "features", "order", epoch)).permutation(index)
        yield from (
            np.sort(order[start : start + size]) for start in range(0, len(order) - size + 1, size)
        )


def _parts(index: Array, size: int) -> list[Array]:
    return [index[start : start + size] for start in range(0, len(index), size)]
