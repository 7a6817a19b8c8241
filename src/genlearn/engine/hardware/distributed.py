"""Several processes that share each step, and hold the same numbers after it.

Each takes its share of the step's examples and, of the random numbers that are drawn for all of
them, those of its share (`core.processes`); the gradient of the step is the mean of theirs. All
that a step changes is then equal everywhere, and what one process alone would give: weights,
because all of them move by the one gradient; and what networks note beside their weights (running
statistics, averages, curves), because it is made equal at the end of each step.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from ...core.errors import UserError
from ...core.estimator_types import GradientTrained


class Processes(Protocol):
    """What `lightning_fabric.Fabric` says of its processes, as far as training asks."""

    @property
    def device(self) -> torch.device: ...
    @property
    def world_size(self) -> int: ...
    @property
    def global_rank(self) -> int: ...
    @property
    def is_global_zero(self) -> bool: ...
    def broadcast(self, obj: Any, src: int = 0) -> Any: ...
    def all_reduce(self, data: Any, group: Any = None, reduce_op: Any = "mean") -> Any: ...
    def barrier(self, name: str | None = None) -> None: ...
    def autocast(self) -> AbstractContextManager[None]: ...


@dataclass(frozen=True)
class SingleProcess:
    """This process alone on ``device``, in mixed precision with ``bf16``; it needs no launcher."""

    device: torch.device
    bf16: bool
    world_size: int = 1
    global_rank: int = 0
    is_global_zero: bool = True

    def broadcast(self, obj: Any, src: int = 0) -> Any:
        return obj

    def all_reduce(self, data: Any, group: Any = None, reduce_op: Any = "mean") -> Any:
        return data

    def barrier(self, name: str | None = None) -> None:
        """There is nobody to wait for."""

    def autocast(self) -> AbstractContextManager[None]:
        """Inside, networks compute in bf16, if asked to."""
        return torch.autocast(self.device.type, torch.bfloat16) if self.bf16 else nullcontext()


def is_main() -> bool:
    """Whether this is the first of several processes that share each step, or the only one."""
    ranks = ("RANK",) if "RANK" in os.environ else ("LOCAL_RANK", "NODE_RANK")
    return all(int(os.environ.get(rank) or 0) == 0 for rank in ranks)


def by_torchrun() -> bool:
    """Whether torchrun has started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


class Launch(NamedTuple):
    """``processes`` that share each step, on ``nodes`` machines."""

    processes: int
    nodes: int = 1


def launch_of(devices: int) -> Launch:
    """What shares each step: as many as torchrun has started, if it did, else as many as
    ``devices``. Raises `UserError` where the two differ, and where something else has started
    several."""
    started = int(os.environ.get("WORLD_SIZE") or 1)
    here = int(os.environ.get("LOCAL_WORLD_SIZE") or started)
    if not by_torchrun():
        if started > 1 and devices == 1:
            raise UserError(
                f"WORLD_SIZE={started} is set, by something else than torchrun; start the processes"
                " by torchrun, give --devices, or unset it"
            )
        tasks = int(os.environ.get("SLURM_STEP_NUM_TASKS") or 1)
        if tasks > 1 and devices > 1:
            raise UserError(
                f"devices={devices} was given to each of {tasks} tasks that srun has started; let"
                " srun start one task on each machine, and there torchrun the processes, as in"
                " docs/cluster.md"
            )
        return Launch(devices)
    if devices not in {1, here, started}:
        raise UserError(
            f"devices={devices} was given, but torchrun has started {here} processes here, of"
            f" {started}; leave devices out: those that are started share each step"
        )
    return Launch(started, started // here)


def check_shares(model: GradientTrained) -> None:
    """Raise `UserError` where a batch cannot be shared equally: then the mean over processes is not
    the mean over examples."""
    size, share = model.batch_size_, launch_of(model.devices).processes
    if size % share:
        fewer, more = size // share * share, -(-size // share) * share
        raise UserError(
            f"batch_size={size} is to be shared by devices={share}, equally: take a multiple of"
            f" {share}, such as {fewer or more} or {more if fewer else 2 * more}"
        )


def average_gradients(parameters: list[nn.Parameter], fabric: Processes) -> None:
    """Mean of the gradients over all processes, in place; one collective for all of them.

    A gradient that a process lacks counts as zero there; one that all of them lack stays away, so
    that its weight rests.
    """
    if fabric.world_size == 1 or not parameters:
        return
    there = torch.tensor(
        [p.grad is not None for p in parameters], dtype=torch.float32, device=parameters[0].device
    )
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    flat: Any = torch.cat([*(g.flatten() for g in gradients), there])
    *parts, shares = fabric.all_reduce(flat, reduce_op="mean").split(  # type: ignore[union-attr]
        [*(p.numel() for p in parameters), len(parameters)]
    )
    for p, gradient, part, share in zip(parameters, gradients, parts, shares.tolist(), strict=True):
        p.grad = gradient.copy_(part.view_as(gradient)) if share else None


@torch.no_grad()
def share_buffers(networks: nn.Module, fabric: Processes) -> None:
    """Make the buffers of ``networks`` equal at all processes: real numbers become their mean,
    whole numbers their minimum, such as the batches since something was seen anywhere."""
    if fabric.world_size == 1:
        return
    buffers = [tensor for _, tensor in networks.named_buffers() if tensor.numel()]
    real = [tensor for tensor in buffers if tensor.is_floating_point()]
    whole = [tensor for tensor in buffers if not tensor.is_floating_point()]
    # equal numbers have themselves as mean only where their sum is exact
    _reduce(real, torch.float64, "mean", fabric)
    _reduce(whole, torch.int64, "min", fabric)


def mean_over_processes(value: Tensor, fabric: Processes) -> Tensor:
    """The mean of ``value`` over all processes."""
    if fabric.world_size == 1:
        return value
    mean: Any = fabric.all_reduce(value.clone(), reduce_op="mean")
    return torch.as_tensor(mean)


def _reduce(tensors: list[Tensor], dtype: torch.dtype, operation: str, fabric: Processes) -> None:
    if not tensors:
        return
    flat: Any = torch.cat([tensor.flatten().to(dtype) for tensor in tensors])
    flat = fabric.all_reduce(flat, reduce_op=operation)
    parts = flat.split([tensor.numel() for tensor in tensors])
    for tensor, part in zip(tensors, parts, strict=True):
        tensor.copy_(part.view_as(tensor))
