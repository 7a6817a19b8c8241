"""What leaves for other runtimes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class Graph:
    """A part of a fitted model as a function of tensors, of any number of examples in one batch.

    ``module`` takes ``inputs`` in their order, examples of two rows by name, and gives ``output``;
    ``meaning`` says in a sentence what of.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    output: str
    meaning: str


@runtime_checkable
class Exports(Protocol):
    """Has parts that run without this package."""

    def graphs(self) -> dict[str, Graph]:
        """The parts by name: of tensors inside, in evaluation mode."""
        ...
