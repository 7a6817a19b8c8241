"""Where the weights of a training lie when several processes share its steps.

Usually each process holds all of them, and what a step changes is made equal by the mean of the
gradients. `sharding` keeps of each weight a share in each process. The loop asks a layout for what
depends on this: how a gradient comes about, what this process holds of a tensor, and the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from ...core.estimator_types import GradientTrained
from .distributed import Processes, SingleProcess, average_gradients


@dataclass(frozen=True)
class Layout:
    """Each of the ``processes`` holds all weights."""

    cut: ClassVar[bool] = False  # whether each holds a share of them instead

    processes: Processes

    def shard(self, networks: nn.ModuleDict) -> nn.ModuleDict | None:
        """From here on ``networks`` hold this process's share alone; what they look like whole, on
        the CPU, if that is something else."""
        return None

    def backward(self, loss: Tensor, parameters: list[nn.Parameter]) -> None:
        """The gradients of ``loss`` as the mean over processes, in ``parameters`` alone."""
        torch.autograd.backward(loss, inputs=parameters)
        average_gradients(parameters, self.processes)

    def mine(self, tensor: Tensor) -> Tensor:
        """What this process holds of ``tensor``."""
        return tensor

    def whole(self, tensor: Tensor) -> Tensor:
        """All of ``tensor``; each process asks for it at the same time."""
        return tensor

    def gathered(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """All of each of ``tensors`` in the first process; each asks for it at the same time."""
        return tensors

    def share(self, tensor: Tensor, like: Tensor | None) -> Tensor:
        """Of ``tensor``, whole or this process's part of it, what lies here of one that is held as
        ``like``."""
        return tensor


ALONE = Layout(SingleProcess(torch.device("cpu"), bf16=False))


def layout_of(model: GradientTrained, networks: nn.ModuleDict, processes: Processes) -> Layout:
    """How the weights of ``networks`` are held: shared out where ``model`` asks for it, or where
    large ones are trained by several GPUs."""
    if not is_sharded(model, networks, processes):
        return Layout(processes)
    from .sharding import sharded  # PyTorch's distributed tensors take long to load

    return sharded(processes)


def is_sharded(model: GradientTrained, networks: nn.ModuleDict, processes: Processes) -> bool:
    """Whether each process holds a share of each weight alone."""
    learning = {
        name for name, net in networks.items() if any(p.requires_grad for p in net.parameters())
    }
    if model.fsdp == "no" or not learning <= set(model.scalable_networks):
        return False
    several = processes.world_size > 1 and processes.device.type == "cuda"
    return model.fsdp == "yes" or (several and model.size == "large")
