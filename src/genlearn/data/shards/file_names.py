"""What the files of all pieces are called, one after another, without a list of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import final

from ..texts import LazyTexts
from .piece import Stored


@final
class FileNames(LazyTexts):
    """Names of the files of ``stored`` pieces, those that could not be read among them; with the
    unit that each lies in where ``units`` are several."""

    def __init__(self, stored: list[Stored], units: list[str]) -> None:
        several = len({*units}) > 1
        self._names = [piece.names or () for piece in stored]
        self._begin = [f"{unit}/" if several else "" for unit in units]
        self._bad = [{i for i, _ in p.about.get("images", {}).get("bad", ())} for p in stored]
        self._ends = [*accumulate(map(len, self._names))]

    def __len__(self) -> int:
        return self._ends[-1]

    def text(self, i: int) -> str:
        piece = bisect_right(self._ends, i)
        before = self._ends[piece - 1] if piece else 0
        return self._begin[piece] + self._names[piece][i - before]

    def of_examples(self) -> Iterator[str]:
        """Those of the files that could be read."""
        for begin, names, bad in zip(self._begin, self._names, self._bad, strict=True):
            for i, name in enumerate(names):
                if i not in bad:
                    yield begin + name
