"""A function and the networks that it calls, as one module: what an exporter follows."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn


class Traced(nn.Module):
    """``function`` of tensors; ``networks`` hold the weights that it uses."""

    def __init__(self, networks: nn.Module, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.networks, self.function = networks, function

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.function(*inputs)
