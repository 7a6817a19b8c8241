"""Captions of a data set, embedded once: each different caption is read by the language model a
single time, and its tokens are kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..prepare.cache import entry, key_of
from .text_encoder import LONGEST, Embedded, TextEncoder

_TOKENS, _ABOUT = "tokens.bin", "about.safetensors"
_MOVED = 2 << 30  # bytes of tokens that a device is to hold beside a model
_AT_ONCE = 4096  # captions whose tokens are in memory, at most 400 MB


@dataclass(frozen=True)
class TokenStore:
    """Tokens of captions, one after another, in half precision: those of number i are
    ``tokens``[``starts``[i] : ``starts``[i + 1]], (n, width)."""

    tokens: Tensor
    starts: Tensor
    cut: Tensor
    """How many of them were too long, and cut."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    def rows(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens (B, L, width) of the captions ``numbers`` (B,), padded to the longest of them, and
        which are words, (B, L), where the numbers are."""
        device, numbers = numbers.device, numbers.to(self.starts.device)
        first, length = self.starts[numbers], self.starts[numbers + 1] - self.starts[numbers]
        place = torch.arange(int(length.max()), device=numbers.device)
        mask = place < length[:, None]
        tokens = self.tokens[torch.where(mask, first[:, None] + place, 0)]
        return tokens.to(device).float() * mask[..., None].to(device), mask.to(device)

    def beside(self, others: TokenStore) -> TokenStore:
        """These, and then the ``others``."""
        starts = torch.cat([self.starts, others.starts[1:] + self.starts[-1]])
        return TokenStore(torch.cat([self.tokens, others.tokens]), starts, self.cut + others.cut)

    def to(self, device: torch.device) -> TokenStore:
        """These on ``device``, but for so many that they had better stay where they are."""
        if self.tokens.nbytes > _MOVED:
            return self
        return TokenStore(self.tokens.to(device), self.starts.to(device), self.cut)


def unique_captions(captions: list[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The different ones of ``captions``, in order, and the number of each."""
    different = sorted(set(captions))
    number = {caption: place for place, caption in enumerate(different)}
    return different, np.array([number[caption] for caption in captions], np.int64)


def embed_captions(
    captions: list[str], encoder: TextEncoder, tell: Callable[[str], None]
) -> TokenStore:
    """The tokens of ``captions``, from the cache if they were embedded before. Those that say
    nothing have none."""
    place, note = entry(
        key_of(("tokens", encoder.key, LONGEST, *captions)),
        lambda folder: _write(folder, captions, encoder),
        lambda folder: (folder / _TOKENS).is_file() and (folder / _ABOUT).is_file(),
        tell,
    )
    store = _read(place, encoder.width)
    if note:
        tell(note)
    if store.cut:
        tell(
            f"{int(store.cut)} of {len(captions)} texts are longer than {LONGEST} tokens of"
            f" {encoder.name}, and were cut"
        )
    return store


def _write(folder: Path, captions: list[str], encoder: TextEncoder) -> None:
    """The tokens of all ``captions``, of which a part is in memory at a time."""
    lengths, cut = [0], 0
    with (folder / _TOKENS).open("wb") as file:
        for first in range(0, len(captions), _AT_ONCE):
            part = captions[first : first + _AT_ONCE]
            spoken = [text for text in part if text.strip()]
            embedded = encoder.embed(spoken) if spoken else Embedded([], 0)
            tokens = iter(embedded.tokens)
            for text in part:
                rows = next(tokens) if text.strip() else np.empty((0, encoder.width), np.float16)
                file.write(rows.tobytes())
                lengths.append(len(rows))
            cut += embedded.cut
    about = {"starts": torch.tensor(lengths).cumsum(0), "cut": torch.tensor(cut)}
    save_file(about, folder / _ABOUT)


def _read(folder: Path, width: int) -> TokenStore:
    """What was written to ``folder``; tokens are read from the disk when they are asked for."""
    about, path = load_file(folder / _ABOUT), folder / _TOKENS
    if not path.stat().st_size:  # of which there is no map
        return TokenStore(torch.empty((0, width), dtype=torch.float16), **about)
    # torch wants to be able to write, which changes nothing on the disk
    tokens = np.memmap(path, np.float16, "c").reshape(-1, width)
    return TokenStore(torch.from_numpy(tokens), **about)
