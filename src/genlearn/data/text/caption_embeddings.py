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

_FILE = "tokens.safetensors"


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
        which are words, (B, L)."""
        first, length = self.starts[numbers], self.starts[numbers + 1] - self.starts[numbers]
        place = torch.arange(int(length.max()), device=numbers.device)
        mask = place < length[:, None]
        return (
            self.tokens[torch.where(mask, first[:, None] + place, 0)].float() * mask[..., None],
            mask,
        )

    def beside(self, others: TokenStore) -> TokenStore:
        """These, and then the ``others``."""
        starts = torch.cat([self.starts, others.starts[1:] + self.starts[-1]])
        return TokenStore(torch.cat([self.tokens, others.tokens]), starts, self.cut + others.cut)

    def to(self, device: torch.device) -> TokenStore:
        return TokenStore(self.tokens.to(device), self.starts.to(device), self.cut)


def unique_captions(captions: list[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The different ones of ``captions``, in order, and the number of each."""
    different, numbers = np.unique(np.array(captions, dtype=str), return_inverse=True)
    return different.tolist(), numbers.astype(np.int64)


def embed_captions(
    captions: list[str], encoder: TextEncoder, tell: Callable[[str], None]
) -> TokenStore:
    """The bank of ``captions``, from the cache if they were embedded before. Those that say nothing
    have no tokens."""

    def build(folder: Path) -> None:
        save_file(vars(packed(captions, encoder)), folder / _FILE)

    place, note = entry(
        key_of(("text", encoder.key, LONGEST, *captions)),
        build,
        lambda folder: (folder / _FILE).is_file(),
        tell,
    )
    bank = TokenStore(**load_file(place / _FILE))
    if note:
        tell(note)
    if bank.cut:
        tell(
            f"{int(bank.cut)} of {len(captions)} texts are longer than {LONGEST} tokens of"
            f" {encoder.name}, and were cut"
        )
    return bank


def packed(captions: list[str], encoder: TextEncoder) -> TokenStore:
    """The tokens of all ``captions`` in one piece."""
    spoken = [text for text in captions if text.strip()]
    embedded = encoder.embed(spoken) if spoken else Embedded([], 0)
    tokens = iter(embedded.tokens)
    rows = [
        next(tokens) if text.strip() else np.empty((0, encoder.width), np.float16)
        for text in captions
    ]
    starts = torch.tensor([0, *map(len, rows)]).cumsum(0)
    return TokenStore(torch.from_numpy(np.concatenate(rows)), starts, torch.tensor(embedded.cut))
