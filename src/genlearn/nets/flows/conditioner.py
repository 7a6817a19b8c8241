r"""What says how a number is changed, from numbers that are not changed by it: a residual network,
whose answer is zero at first.

**Masked.** Where number i may be changed by those before it alone, the network gives the answers
for all i at once: each hidden unit has a degree m and sees numbers up to m, and the answers for i
see units of degrees below i (Germain et al. 2015, "MADE", arXiv 1502.03509).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..layers.adaln import zero


class Linear(nn.Linear):
    """W x + b, of W only what a ``mask`` (out, in) lets through, if there is one."""

    mask: Tensor | None

    def __init__(self, inputs: int, outputs: int, mask: Tensor | None = None) -> None:
        super().__init__(inputs, outputs)
        self.register_buffer("mask", None if mask is None else mask.float(), persistent=False)

    def numbers(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """W where the mask is open, and b, in the precision of ``x``."""
        open_ = self.weight if self.mask is None else self.weight * self.mask
        return open_.to(x.dtype), self.bias.to(x.dtype)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, *self.numbers(x))


class Answers(Linear):
    """W x + b, an answer a row: (B, in) -> (out, B); zero at first."""

    def __init__(self, inputs: int, outputs: int, mask: Tensor | None = None) -> None:
        super().__init__(inputs, outputs, mask)
        zero(self)

    def forward(self, x: Tensor) -> Tensor:
        return self.some(x, slice(None))

    def some(self, x: Tensor, rows: slice) -> Tensor:
        """Of the answers those of ``rows``, (rows, B)."""
        weight, bias = self.numbers(x)
        return torch.addmm(bias[rows, None], weight[rows], x.T)


class Block(nn.Module):
    """h + W relu(V relu(h)), V and W being ``first`` and ``second``."""

    def __init__(self, width: int, mask: Tensor | None = None) -> None:
        super().__init__()
        self.first, self.second = Linear(width, width, mask), Linear(width, width, mask)

    def forward(self, h: Tensor) -> Tensor:
        y: Tensor = h + self.second(F.relu(self.first(F.relu(h))))
        return y


class Conditioner(nn.Module):
    """x (B, a) -> answers (each, d, B), through ``blocks`` of ``width`` units."""

    def __init__(self, seen: int, each: int, d: int, width: int, blocks: int, masked: bool) -> None:
        super().__init__()
        first, hidden, last = _masks(d, each, width) if masked else (None, None, None)
        self.each, self.first = each, Linear(seen, width, first)
        self.blocks = nn.Sequential(*(Block(width, hidden) for _ in range(blocks)))
        self.last = Answers(width, each * d, last)

    def forward(self, x: Tensor) -> Tensor:
        return torch.unflatten(self.last(self.features(x)), 0, (self.each, -1))

    def features(self, x: Tensor) -> Tensor:
        """The last hidden units, (B, width)."""
        return F.relu(self.blocks(self.first(x)))

    def answer(self, i: int, x: Tensor) -> Tensor:
        """The answers for number ``i`` alone, (each, B)."""
        return self.last.some(self.features(x), slice(i, None, self.last.out_features // self.each))


def _masks(d: int, each: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """What the first, hidden and last layers let through."""
    number, degree = torch.arange(d), torch.arange(width) % max(1, d - 1)
    last = number[:, None] > degree
    return degree[:, None] >= number, degree[:, None] >= degree, last.repeat(each, 1)
