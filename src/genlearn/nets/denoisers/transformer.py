"""A diffusion transformer: patches of the image as tokens (Peebles & Xie 2022, "Scalable diffusion
models with transformers", arXiv 2212.09748).

Each block is modulated by what the network is told (adaLN-zero): scales, shifts and gates that
start at zero, so that at first every block is the identity. The place of a patch is told by sines
of its row and column, so any height and width will do; they are padded to whole patches and cropped
back.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from ..coders.conv_coder import padding
from ..layers.adaln import AdaLNModulation, zero
from ..layers.attention import attend
from ..layers.conditioning import ConditionEmbedding, Conditioning
from ..layers.text_conditioning import CrossAttention, LayerContext

_HEAD = 32  # channels of a head


class TransformerBlock(nn.Module):
    """Attention and a perceptron of four times the width, each on a normalised, scaled and shifted
    input and behind a gate; between them, where there is ``text``, attention to the tokens of a
    caption, which starts at zero."""

    def __init__(self, width: int, text: bool) -> None:
        super().__init__()
        self.heads = width // _HEAD
        self.modulation = AdaLNModulation(width, width, 6)
        self.qkv, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.reading = CrossAttention(width, width, self.heads) if text else None

    def forward(self, h: Tensor, told: LayerContext) -> Tensor:
        scale1, shift1, gate1, scale2, shift2, gate2 = (
            part[:, None] for part in self.modulation(told.e)
        )
        h = h + gate1 * self._attend(_norm(h) * (1 + scale1) + shift1)
        h = h if self.reading is None else h + self.reading(_norm(h), told)
        y: Tensor = h + gate2 * self.narrow(
            F.gelu(self.widen(_norm(h) * (1 + scale2) + shift2), approximate="tanh")
        )
        return y

    def _attend(self, h: Tensor) -> Tensor:
        q, k, v = rearrange(
            self.qkv(h), "b n (part head c) -> part b head n c", part=3, head=self.heads
        )
        y: Tensor = self.join(rearrange(attend(q, k, v), "b head n c -> b n (head c)"))
        return y


class Transformer(nn.Module):
    """x (B, C, H, W), log ratio (B,), label or caption -> (B, C, H, W), by ``depth`` blocks;
    ``patch`` x ``patch`` pixels are a token."""

    def __init__(
        self,
        shape: tuple[int, ...],
        width: int,
        depth: int,
        patch: int,
        classes: int = 0,
        text: int = 0,
    ) -> None:
        super().__init__()
        self.patch, self.pad = patch, padding(shape, patch)
        rows, columns = (
            (side + more) // patch for side, more in zip(shape[1:], self.pad, strict=True)
        )
        self.grid = rows, columns
        self.condition = ConditionEmbedding(width, classes, text)
        self.register_buffer("places", _places(rows, columns, width), persistent=False)
        self.stem = nn.Linear(shape[0] * patch**2, width)
        self.blocks = nn.ModuleList(TransformerBlock(width, bool(text)) for _ in range(depth))
        self.modulation = AdaLNModulation(width, width, 2)
        self.out = nn.Linear(width, shape[0] * patch**2)
        zero(self.out)

    def forward(self, x: Tensor, log_ratio: Tensor, given: Conditioning | None = None) -> Tensor:
        height, width = x.shape[2:]
        told = self.condition(log_ratio, given)
        x = F.pad(x, (0, self.pad[1], 0, self.pad[0]), mode="replicate") if any(self.pad) else x
        rows = x.shape[2] // self.patch
        h = (
            self.stem(
                rearrange(x, "b c (h p) (w q) -> b (h w) (c p q)", p=self.patch, q=self.patch)
            )
            + self.places
        )
        for block in self.blocks:
            h = block(h, told)
        scale, shift = (part[:, None] for part in self.modulation(told.e))
        patches = self.out(_norm(h) * (1 + scale) + shift)
        y: Tensor = rearrange(
            patches, "b (h w) (c p q) -> b c (h p) (w q)", h=rows, p=self.patch, q=self.patch
        )
        return y[..., :height, :width]

    @property
    def layers(self) -> dict[str, nn.Module]:
        return {f"block{number}": block for number, block in enumerate(self.blocks)}

    def as_map(self, h: Tensor) -> Tensor:
        """Tokens (B, rows * columns, width) in their places."""
        return torch.unflatten(h.transpose(1, 2), 2, self.grid)


def _norm(h: Tensor) -> Tensor:
    return F.layer_norm(h, h.shape[-1:])


def _places(rows: int, columns: int, width: int) -> Tensor:
    """Sines and cosines of row and column, (rows * columns, width)."""
    frequencies = torch.logspace(0, -3, width // 4)
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    turns = torch.cat([place.reshape(-1, 1) * frequencies for place in (row, column)], 1)
    return torch.cat([turns.sin(), turns.cos()], 1)
