"""How much an archive may announce: what its members hold unpacked, all together.

A small file can announce any amount (Fifield 2019, "A better zip bomb"), of which each member is
moderate. Photographs hardly shrink and blank masks shrink a hundredfold, so that a large total is
refused only where it is also out of all proportion to the archive.
"""

from __future__ import annotations

from pathlib import Path

from ...core.errors import UserError
from ...core.text import writable
from .names import size_of

_ANY, _TIMES = 16 << 30, 100  # bytes that any archive may hold; or times its own size


class Ceiling:
    """The total that the archive at ``path`` announces, member by member."""

    def __init__(self, path: Path) -> None:
        self._path, self._own, self._total = path, path.stat().st_size, 0

    def add(self, size: int) -> None:
        """Raises `UserError` where ``size`` bytes more are too much."""
        self._total += size
        if self._total > max(_ANY, _TIMES * self._own):
            raise UserError(
                f"{writable(str(self._path))} has {size_of(self._own)} and announces more than"
                f" {size_of(self._total - 1)} unpacked, as files made to fill a disk do; if"
                " it is meant so, unpack it and give the folder"
            )
