"""What a peer is asked for, and how its network computes."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Way:
    """How a network computes."""

    bf16: bool
    channels_last: bool

    def place(self, network: nn.Module) -> nn.Module:
        return network.to(memory_format=torch.channels_last) if self.channels_last else network

    def arithmetic(self) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=self.bf16)

    def __str__(self) -> str:
        return f"{'bf16' if self.bf16 else 'fp32'}{', channels_last' if self.channels_last else ''}"


LIBRARY = torch.library.Library("torchvision", "FRAGMENT")
WAYS = [Way(bf16, last) for bf16 in (False, True) for last in (False, True)]


def mend_torchvision() -> None:
    """Both libraries import torchvision without needing it; a build for CUDA loads beside a torch
    for CPUs only if two operators are declared."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for name in ("nms", "qnms"):
            LIBRARY.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


class Peer(ABC):
    """One library's model, optimiser and moving average. Images are (B, C, H, W) in [0, 1]."""

    network: nn.Module
    batch: int
    samplers: Sequence[str]
    decay = 0.2  # the last part of the time, in which the rate falls

    @abstractmethod
    def step(self, x: Tensor, rate: float) -> None:
        """One update of the weights at ``rate``, in (0, 1], times the peer's own."""

    @abstractmethod
    def sample(self, n: int, sampler: str) -> Tensor:
        """(n, C, H, W), roughly in [0, 1], drawn with the averaged weights."""

    def copy(self) -> Peer:
        """The same, to go its own way."""
        return copy.deepcopy(self)
