"""Fully connected coders, and the linear ones as their case without hidden layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn

Activation = Literal["silu", "relu", "tanh", "leaky_relu"]
ACTIVATIONS: dict[Activation, Callable[[], nn.Module]] = {
    "silu": nn.SiLU,
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "leaky_relu": partial(nn.LeakyReLU, 0.2),
}


def mlp(sizes: tuple[int, ...], activation: Activation = "silu") -> nn.Sequential:
    """Linear maps of the given ``sizes`` with activations between them: (B, sizes[0]) -> (B,
    sizes[-1])."""
    layers: list[nn.Module] = []
    for a, b in pairwise(sizes):
        layers += [nn.Linear(a, b), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


def _stages(sizes: tuple[int, ...], activation: Activation) -> list[nn.Module]:
    *hidden, last = pairwise(sizes)
    return [
        *(nn.Sequential(nn.Linear(a, b), ACTIVATIONS[activation]()) for a, b in hidden),
        nn.Linear(*last),
    ]


def encoder_stages(
    shape: tuple[int, ...], out: int, hidden: tuple[int, ...], activation: Activation = "silu"
) -> list[nn.Module]:
    """(B, *shape) -> (B, out): a stage for each linear map."""
    first, *rest = _stages((math.prod(shape), *hidden, out), activation)
    return [nn.Sequential(nn.Flatten(), first), *rest]


def decoder_stages(
    latent: int, shape: tuple[int, ...], hidden: tuple[int, ...], activation: Activation = "silu"
) -> list[nn.Module]:
    """(B, latent) -> (B, *shape): a stage for each linear map."""
    *rest, last = _stages((latent, *hidden, math.prod(shape)), activation)
    return [*rest, nn.Sequential(last, nn.Unflatten(1, shape))]


class MLPEncoder(nn.Module):
    """(B, *shape) -> (B, out)."""

    def __init__(
        self,
        shape: tuple[int, ...],
        out: int,
        hidden: tuple[int, ...] = (),
        activation: Activation = "silu",
    ) -> None:
        super().__init__()
        self.net = mlp((math.prod(shape), *hidden, out), activation)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.net(x.flatten(1))
        return y


class MLPDecoder(nn.Module):
    """(B, latent) -> (B, *shape)."""

    def __init__(
        self,
        latent: int,
        shape: tuple[int, ...],
        hidden: tuple[int, ...] = (),
        activation: Activation = "silu",
    ) -> None:
        super().__init__()
        self.shape = shape
        self.net = mlp((latent, *hidden, math.prod(shape)), activation)

    def forward(self, z: Tensor) -> Tensor:
        y: Tensor = self.net(z)
        return y.reshape(-1, *self.shape)
