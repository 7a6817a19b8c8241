"""What a denoising network is told beside its input: how much noise there is, and of which class
the example is or what its caption says.

The noise is given as the logarithm of the ratio sigma/alpha, whatever the path: the same network
serves every path, and a network trained on one can teach another.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from .text_conditioning import LayerContext, TextEmbedder, TextEncoding, joined_texts

# sines and cosines of the logarithm of the ratio, from one turn over its whole range to a hundredth
# of it
_WAVES = 32
_RANGE = 16.0
# where labels are embedded, here and in the U-Net of diffusers, and what their rows are added to
_EMBEDDINGS = {
    "condition.label.weight": "condition.noise.2.bias",
    "unet.class_embedding.weight": "unet.time_embedding.linear_2.bias",
}


class ImageConditioning(NamedTuple):
    """What a network sees beside its input: a ``picture`` (B, C, H, W), how much ``noise`` is on it
    (B,), and what else is given."""

    picture: Tensor
    noise: Tensor
    given: Tensor | TextEncoding | None


Conditioning = Tensor | TextEncoding | ImageConditioning


def joined(a: Conditioning, b: Conditioning | None, classes: int) -> Conditioning:
    """What two batches are told, as one batch is, that of ``a`` first; ``b`` may be of any class,
    the number ``classes``, or any caption (None)."""
    if isinstance(a, ImageConditioning):
        assert isinstance(b, ImageConditioning)
        given = None if a.given is None else joined(a.given, b.given, classes)
        assert not isinstance(given, ImageConditioning)
        return ImageConditioning(
            torch.cat([a.picture, b.picture]), torch.cat([a.noise, b.noise]), given
        )
    if isinstance(a, TextEncoding):
        b = TextEncoding(a.tokens, torch.zeros_like(a.mask)) if b is None else b
        assert isinstance(b, TextEncoding)
        return joined_texts(a, b)
    b = torch.full_like(a, classes) if b is None else b
    assert isinstance(b, Tensor)
    return torch.cat([a, b])


class ConcatConditioning(nn.Module):
    """A ``network`` for images of ``channels`` that sees a picture beside them, and how noisy it
    is, as further channels.

    ``network`` takes and gives 2 ``channels`` + 1; what it says of the further ones is not heard.
    """

    def __init__(self, network: nn.Module, channels: int) -> None:
        super().__init__()
        self.network, self.channels = network, channels

    def forward(self, x: Tensor, log_ratio: Tensor, given: ImageConditioning) -> Tensor:
        noise = given.noise[:, None, None, None].expand(-1, 1, *x.shape[2:])
        y: Tensor = self.network(torch.cat([x, given.picture, noise], 1), log_ratio, given.given)
        return y[:, : self.channels]


class ConditionEmbedding(nn.Module):
    """log ratio (B,), and labels (B,), ``classes`` where unknown, or captions of ``text`` numbers
    for each token -> `LayerContext`.

    The label ``classes`` stands for "any": the one that is given when no class is asked for. What
    stands for any caption is a token that is learned and goes before all others, alone.
    """

    frequencies: Tensor

    def __init__(self, width: int, classes: int = 0, text: int = 0) -> None:
        super().__init__()
        self.register_buffer(
            "frequencies", torch.logspace(0, 2, _WAVES) * (2 * math.pi / _RANGE), persistent=False
        )
        self.noise = nn.Sequential(nn.Linear(2 * _WAVES, width), nn.SiLU(), nn.Linear(width, width))
        self.classes = classes
        self.label = nn.Embedding(classes + 1, width) if classes else None
        self.reader = TextEmbedder(text, width) if text else None

    def forward(self, log_ratio: Tensor, given: Conditioning | None = None) -> LayerContext:
        turns = log_ratio[:, None] * self.frequencies
        e: Tensor = self.noise(torch.cat([turns.sin(), turns.cos()], 1))
        if self.reader is not None:
            assert not isinstance(given, Tensor)
            summary, tokens, mask = self.reader(given, len(log_ratio))
            return LayerContext(nn.functional.silu(e + summary), tokens, mask)
        if self.label is not None:
            e = e + self.label(
                torch.full_like(log_ratio, self.classes, dtype=torch.long)
                if given is None
                else given
            )
        return LayerContext(nn.functional.silu(e))


def adapted_labels(weights: dict[str, Tensor], own: dict[str, Tensor]) -> dict[str, Tensor]:
    """``weights`` of networks with or without labels for networks of the weights ``own``, which
    have none, or some: all is of any class then, or labels say nothing yet."""
    weights = dict(weights)
    for label, noise in _EMBEDDINGS.items():
        for name in [one for one in {**weights, **own} if one.endswith(label)]:
            if name not in weights:
                weights[name] = torch.zeros_like(own[name])
            elif name not in own:
                bias = name.removesuffix(label) + noise
                weights[bias] = weights[bias] + weights.pop(name)[-1]
    return weights
