"""Names and captions on the disk: all texts one after another, and where each of them ends.

A list of Python's takes about a hundred bytes of memory for each text; these take none, however
many there are.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import final, overload

import numpy as np

from ..core.disk.arrays import read_array
from .dataset import Array

_BLOCK = 1 << 16


class LazyTexts(Sequence[str]):
    """Texts that are made when they are asked for."""

    @abstractmethod
    def text(self, i: int) -> str:
        """Text number ``i``, from 0."""

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        chosen = range(len(self))[index]
        return self.text(chosen) if isinstance(chosen, int) else [self.text(i) for i in chosen]


@final
class Texts(LazyTexts):
    """The texts that `write_texts` put into ``folder`` under ``name``."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._ends: Array = read_array(_ends_of(folder, name), "r")  # of all, after a 0
        size = _bytes_of(folder, name).stat().st_size
        if self._ends.ndim != 1 or not len(self._ends) or int(self._ends[-1]) != size:
            raise ValueError(f"{name} is not as it was written")
        self._bytes = np.memmap(_bytes_of(folder, name), np.uint8, "r") if size else b""

    def __len__(self) -> int:
        return len(self._ends) - 1

    @classmethod
    def at(cls, folder: Path, name: str) -> Texts | None:
        """Those that are in ``folder``, if any are called so."""
        return cls(folder, name) if _ends_of(folder, name).is_file() else None

    def __reduce__(self) -> tuple[type[Texts], tuple[Path, str]]:
        return Texts, (self._folder, self._name)

    def text(self, i: int) -> str:
        content = bytes(self._bytes[int(self._ends[i]) : int(self._ends[i + 1])])
        return content.decode(errors="surrogatepass")


def write_texts(folder: Path, name: str, texts: Iterable[str], count: int) -> None:
    """Put ``count`` texts into ``folder``."""
    ends = np.lib.format.open_memmap(_ends_of(folder, name), "w+", np.int64, (count + 1,))
    ends[0], end, waiting = 0, 0, []
    with _bytes_of(folder, name).open("wb") as file:
        for i, text in enumerate(texts, 1):
            content = text.encode(errors="surrogatepass")
            end += len(content)
            ends[i] = end
            waiting.append(content)
            if len(waiting) == _BLOCK:
                file.write(b"".join(waiting))
                waiting = []
        file.write(b"".join(waiting))
    ends.flush()


def files_of(name: str) -> tuple[str, str]:
    """What the files of such texts are called."""
    return f"{name}.ends.npy", f"{name}.utf8"


def _ends_of(folder: Path, name: str) -> Path:
    return folder / files_of(name)[0]


def _bytes_of(folder: Path, name: str) -> Path:
    return folder / files_of(name)[1]
