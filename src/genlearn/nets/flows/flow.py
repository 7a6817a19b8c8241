r"""A flow: x to z by one invertible map after the other.

If z = f(x) is N(0, I), then log p(x) = log N(f(x); 0, I) + log |det df/dx|, and the determinant of
a composition is the product of those of its parts.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from torch import Tensor, nn


class Moved(NamedTuple):
    """z (B, D), log |det dz/dx| (B,) or (), and the ``free`` numbers (parameters, d, B) of all
    functions that bent x."""

    z: Tensor
    log_det: Tensor
    free: tuple[Tensor, ...] = ()


class Transform(nn.Module):
    """An invertible map of vectors, which computes in the precision of what it is given."""

    @abstractmethod
    def forward(self, x: Tensor) -> Moved:
        """x (B, D) to z."""

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

    def forward(self, x: Tensor) -> Moved:
        total, free = x.new_zeros(x.shape[0]), ()
        for part in self.parts:
            x, log_det, more = part(x)
            total, free = total + log_det, free + more
        return Moved(x, total, free)

    def inverse(self, z: Tensor) -> Tensor:
        for part in reversed(self.parts):
            assert isinstance(part, Transform)
            z = part.inverse(z)
        return z
