"""A bound on what building networks may take, so that a description that was tampered with, or
damaged, asks for no more memory than the weights beside it account for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from ..core.errors import UserError

# tensors that are made and thrown away while networks are built, or stand beside their weights
_TIMES, _BESIDE = 8, 2**24


class AllocationLimit(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Inside, tensors may be made of a few times ``numbers`` numbers in all.

    Each is counted before it is made. Raises `UserError` for the one that is too much.
    """

    def __init__(self, numbers: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.left = _TIMES * numbers + _BESIDE

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        given = dict(zip(_names(func), args, strict=False)) | (kwargs or {})
        self.left -= max(math.prod(given.get("size", (0,))), int(given.get("steps", 0)))
        if self.left < 0:
            raise UserError("more memory is asked for than the weights there account for")
        return func(*args, **(kwargs or {}))


def _names(func: Callable[..., Any]) -> list[str]:
    return [argument.name for argument in func._schema.arguments]  # type: ignore[attr-defined]
