"""How a model learns, as types: by gradient steps that it yields, in one go, or part by part. What it can do then is in `capabilities`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from torch import Tensor, nn

from .capabilities import Examples
from .spec import DataSpec


class Learnable(ABC):
    """A model keeps all that it learns in networks: weights that are trained, numbers that are estimated."""

    spec_: DataSpec
    networks_: nn.ModuleDict
    n_steps_: int  # of its training
    previews: ClassVar[int] = 36  # how many samples its run shows, unasked

    @abstractmethod
    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        """New networks for data of this kind, by name."""

    @abstractmethod
    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        """Become the fitted model of ``weights``, learned from ``n_samples``, without fitting."""


class Trainable(Learnable):
    """A model yields its gradient steps, in its paper's order; the loop never asks which family it trains."""

    @abstractmethod
    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        """Pairs (network, loss), one for each gradient step. x: (B, *spec.shape), y: (B,)."""

    def measure(self, data: Examples) -> None:
        """Measure what the objectives need to know of the data (its scale). Called once, before the first step, with new networks."""

    def before_step(self, progress: float) -> None:
        """Growth and annealing; ``progress`` in [0, 1] is the share of training that is done."""

    def rate(self, network: str) -> float:
        """What multiplies the learning rate of the network of this name; "loss" where all of them share one."""
        return 1.0

    def trouble(self) -> str | None:
        """What has gone wrong in training, in one line, or None; asked with the weights as they would be sampled. False alarms cost a return."""

    def calibrate(self, data: Examples) -> None:
        """Measure what sampling needs beside the gradient steps (densities of codes, averages). Called before each preview."""


class Estimable(Learnable):
    """A model learns in one go: in closed form, or by an algorithm that is its own, such as EM."""

    @abstractmethod
    def estimate(self, data: Examples) -> None:
        """Fill the buffers of ``networks_`` from all of ``data``. torch's generators are seeded; other randomness is derived from ``seed``."""


class Composable(Learnable):
    """A model is made of models, each of which learns as if it were alone."""

    chained: ClassVar[bool] = True  # whether a part learns from what those before it have learned
    parts_: dict[str, Any]

    @property
    @abstractmethod
    def shares_(self) -> dict[str, float]:
        """How much of the training belongs to each part that learns here, by name, in order."""

    @abstractmethod
    def parts(self, data: Examples) -> Iterator[tuple[str, Any, Examples]]:
        """Name, model and data of each part that learns here, in order. One that was given out is fitted when the next is asked for."""

    @abstractmethod
    def gather(self) -> None:
        """Become the model that is made of ``parts_``."""
