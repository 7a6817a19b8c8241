"""How a network reads captions: as a summary, and by attention to their tokens, which says where
each word matters.

Padding is masked, so it changes nothing how long the other captions of a batch are.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from .adaln import zero
from .attention import attend


class TextEncoding(NamedTuple):
    """Embedded captions: ``tokens`` (B, L, numbers), of which those in ``mask`` (B, L) are words
    and the others padding."""

    tokens: Tensor
    mask: Tensor


def joined_texts(a: TextEncoding, b: TextEncoding) -> TextEncoding:
    """The captions of two batches as those of one, padded to the longest."""
    most = max(a.mask.shape[1], b.mask.shape[1])
    tokens = [F.pad(one.tokens, (0, 0, 0, most - one.tokens.shape[1])) for one in (a, b)]
    masks = [F.pad(one.mask, (0, most - one.mask.shape[1])) for one in (a, b)]
    return TextEncoding(torch.cat(tokens), torch.cat(masks))


class LayerContext(NamedTuple):
    """What every layer is told: ``e`` (B, width); and, of a caption, ``tokens`` (B, L, width),
    where ``mask`` (B, 1, 1, L) says which count."""

    e: Tensor
    tokens: Tensor | None = None
    mask: Tensor | None = None


class TextEmbedder(nn.Module):
    """Captions as `TextEncoding`, or none for ``n`` examples -> their summary (B, width), tokens
    (B, 1 + L, width), and which count, (B, 1, 1, 1 + L).

    The first token, which is learned, says that there may be a caption; alone, it stands for none.
    """

    def __init__(self, numbers: int, width: int) -> None:
        super().__init__()
        self.anything = nn.Parameter(0.02 * torch.randn(width))
        self.tokens = nn.Sequential(nn.LayerNorm(numbers), nn.Linear(numbers, width))
        self.summary = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, text: TextEncoding | None, n: int) -> tuple[Tensor, Tensor, Tensor]:
        first = self.anything.expand(n, 1, -1)
        counts = torch.ones(n, 1, dtype=torch.bool, device=self.anything.device)
        if text is None:
            return self.summary(first[:, 0]), first, counts[:, None, None]
        words, mask = self.tokens(text.tokens), torch.cat([counts, text.mask], 1)
        tokens = torch.cat([first.to(words.dtype), words], 1)
        mean = (tokens * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.summary(mean), tokens, mask[:, None, None]


class CrossAttention(nn.Module):
    """x (B, N, channels) -> (B, N, channels), by attention to the tokens of ``told``, of ``width``
    numbers; zero at first."""

    def __init__(self, channels: int, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(channels, channels)
        self.kv = nn.Linear(width, 2 * channels)
        self.out = nn.Linear(channels, channels)
        zero(self.out)

    def forward(self, x: Tensor, told: LayerContext) -> Tensor:
        # a network that reads is given tokens, if only the one for no caption
        assert told.tokens is not None
        q = rearrange(self.q(x), "b n (head c) -> b head n c", head=self.heads)
        k, v = rearrange(
            self.kv(told.tokens), "b n (part head c) -> part b head n c", part=2, head=self.heads
        )
        y: Tensor = self.out(rearrange(attend(q, k, v, told.mask), "b head n c -> b n (head c)"))
        return y
