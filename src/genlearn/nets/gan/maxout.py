"""The perceptrons of the first adversarial networks: a discriminator of maxout units with dropout,
and a generator of rectifiers."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor, nn

from ..layers.dropout import Dropout

_PIECES = 5  # of each unit; Goodfellow et al. 2014 (arXiv 1406.2661), for MNIST
_UNITS = 5  # the generator's hidden units for one of the discriminator's: 1200 and 240, ibid.


class Maxout(nn.Module):
    """(B, a) -> (B, b), each the largest of a few linear maps: Goodfellow et al. 2013, "Maxout
    networks", arXiv 1302.4389."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.linear = nn.Linear(a, b * _PIECES)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).unflatten(1, (-1, _PIECES)).amax(2)  # type: ignore[no-any-return]


class MaxoutDiscriminator(nn.Module):
    """(B, *shape) -> (B, out), through two layers of maxout units, a fifth as many as ``hidden``,
    with ``dropout`` after each layer."""

    def __init__(self, shape: tuple[int, ...], out: int, hidden: int, dropout: float) -> None:
        super().__init__()
        dim, units = math.prod(shape), max(1, hidden // _UNITS)
        self.net = nn.Sequential(
            nn.Flatten(),
            Maxout(dim, units),
            Dropout(dropout),
            Maxout(units, units),
            Dropout(dropout),
        )
        self.head = nn.Linear(units, out)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.head(self.net(x))
        return y


class RectifierGenerator(nn.Module):
    """(B, code) -> (B, *shape), through two layers of ``hidden`` rectifiers; an image comes out of
    a sigmoid, scaled to [-1, 1]."""

    def __init__(self, code: int, shape: tuple[int, ...], hidden: int) -> None:
        super().__init__()
        self.shape = shape
        self.net = nn.Sequential(
            nn.Linear(code, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, math.prod(shape)),
        )

    def forward(self, z: Tensor) -> Tensor:
        x: Tensor = self.net(z).reshape(-1, *self.shape)
        return 2 * F.sigmoid(x) - 1 if len(self.shape) == 3 else x
