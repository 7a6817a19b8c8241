r"""A flow: x to z by one invertible map after the other.

If z = f(x) is N(0, I), then log p(x) = log N(f(x); 0, I) + log |det df/dx|, and the determinant of
a composition is the product of those of its parts.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from torch import Tensor, nn


class Transform(nn.Module):
    """An invertible map of vectors, which computes in the precision of what it is given."""

    @abstractmethod
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """z (B, D), and log |det dz/dx| (B,) or ()."""

    @abstractmethod
    def inverse(self, z: Tensor) -> Tensor:
        """x (B, D)."""


class Elementwise(Protocol):
    """An increasing function of a number, which so many ``parameters`` say, and which is the
    identity where all of them are zero."""

    @property
    def parameters(self) -> int: ...

    def forward(self, x: Tensor, free: Tensor) -> tuple[Tensor, Tensor]:
        """y and log y' of x, all (d, B), by free numbers (parameters, d, B)."""
        ...

    def inverse(self, y: Tensor, free: Tensor) -> Tensor:
        """x (d, B)."""
        ...


class Composition(Transform):
    """``parts``, from x to z."""

    def __init__(self, parts: Sequence[Transform]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        total = x.new_zeros(len(x))
        for part in self.parts:
            x, log_det = part(x)
            total = total + log_det
        return x, total

    def inverse(self, z: Tensor) -> Tensor:
        for part in reversed(self.parts):
            assert isinstance(part, Transform)
            z = part.inverse(z)
        return z
