"""What models learn from and measure: prepared data, and the types that all abilities speak of."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from numpy.typing import NDArray
from torch import Tensor

from ..spec import DataSpec

Array = NDArray[Any]
LogProbKind = Literal["exact", "bound", "estimate"]


class DatasetProtocol(Protocol):
    """Prepared data: what the engine trains on and the models measure."""

    @property
    def spec(self) -> DataSpec: ...

    @property
    def labels(self) -> Array | None: ...

    @property
    def fingerprint(self) -> str:
        """Names the content: equal for equal data."""
        ...

    @property
    def part_of(self) -> str:
        """The fingerprint of the data that these are a random part of, "" where they are none."""
        ...

    @property
    def asked(self) -> dict[str, Any]:
        """The options that it was opened with, where any were given."""
        ...

    def __len__(self) -> int: ...

    def user(self, index: slice | Array) -> Array:
        """Examples in the user's units, shape (n, *user shape)."""
        ...

    def batch(self, index: Array) -> tuple[Tensor, Tensor | None]:
        """Examples as the networks see them, (n, *spec.shape), and their labels (n,) if there are
        any."""
        ...
