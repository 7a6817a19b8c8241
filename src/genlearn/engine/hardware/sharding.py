"""Weights that processes share: each holds its part of every one (fully sharded data parallel).

Weights, their gradients, averages and moments take 20 bytes for each number of a network, in each
process. Here each of N processes holds a part of 1 / N of them all. Before a block is computed its
weights are gathered from all, and dropped again after it; its gradient is summed and dealt out at
once. Each block's weights travel three times in a step, mostly while others are computed, where
whole gradients would travel twice.

Rajbhandari et al. 2020, "ZeRO: memory optimizations toward training trillion parameter models",
arXiv 1910.02054; Zhao et al. 2023, "PyTorch FSDP", arXiv 2304.11277; the work is done by PyTorch's
`fully_shard`.

What training shows and keeps is whole: files know nothing of it, and a run goes on with any number
of processes. Models that are sampled on the way are, too, for the time.
"""

from __future__ import annotations

import atexit
import copy
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch._C._distributed_c10d import HashStore
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.distributed_c10d import (
    destroy_process_group,
    init_process_group,
    is_initialized,
)
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from .activation_checkpointing import blocks
from .distributed import Processes
from .layout import Layout


@dataclass(frozen=True)
class Sharded(Layout):
    """Each of the processes of ``mesh`` holds a part of each weight, of its first axis."""

    cut: ClassVar[bool] = True

    mesh: DeviceMesh

    def shard(self, networks: nn.ModuleDict) -> nn.ModuleDict:
        whole = copy.deepcopy(networks).to("cpu")
        for weight in networks.parameters():
            weight.data = weight.data.contiguous()  # no other layout is cut
        for network in networks.values():
            if any(True for _ in network.parameters()):
                for block in blocks(network):
                    fully_shard(block, mesh=self.mesh)
                network.register_forward_hook(_copied)
                fully_shard(network, mesh=self.mesh)
        return whole

    def backward(self, loss: Tensor, parameters: list[nn.Parameter]) -> None:
        """All weights that ``loss`` depends on have gradients: those that are cut are no leaves."""
        torch.autograd.backward(loss)

    def mine(self, tensor: Tensor) -> Tensor:
        return tensor.to_local() if isinstance(tensor, DTensor) else tensor

    def whole(self, tensor: Tensor) -> Tensor:
        return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor

    def gathered(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """One after the other, on the CPU, so that no device holds them all."""
        found = {}
        for name, tensor in tensors.items():
            whole = self.whole(tensor.detach())
            if self.processes.is_global_zero:
                found[name] = whole.cpu()
        return found

    def share(self, tensor: Tensor, like: Tensor | None) -> Tensor:
        if not isinstance(like, DTensor):
            return tensor
        held = like.to_local()
        part = tensor.to(held.device)
        if part.shape != held.shape:
            cut = distribute_tensor(part, self.mesh, like.placements, src_data_rank=None)
            part = cut.to_local()
        return DTensor.from_local(
            part, self.mesh, like.placements, shape=like.shape, stride=like.stride()
        )


def _copied(network: nn.Module, given: object, answer: Tensor) -> Tensor:
    """An answer that is part of another tensor loses what PyTorch hangs on it."""
    return answer.clone()


def sharded(processes: Processes) -> Sharded:
    """The layout over all of ``processes``; one alone is a group of its own."""
    if not is_initialized():
        init_process_group(store=HashStore(), rank=0, world_size=1)
        atexit.register(destroy_process_group)
    world = list(range(processes.world_size))
    return Sharded(processes, DeviceMesh(processes.device.type, world))
