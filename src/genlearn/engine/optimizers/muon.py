"""Muon: momentum whose matrices are made orthogonal before each step.

Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; rates by Liu et al.
2025, "Muon is scalable for LLM training", arXiv 2502.16982. A matrix G = U S V^T of momentum is
replaced by about U V^T, so that rare directions move as far as common ones. It is found by five
steps of a quintic Newton-Schulz iteration, in bf16 where the hardware has it. With the factor .2
sqrt(max(rows, columns)) a step has the root mean square of one of AdamW, so one rate serves both:
vectors, embeddings and layers with few channels on a side, such as those next to an image, are
moved by AdamW.
"""

from __future__ import annotations

import math
from functools import reduce

import torch
from torch import Tensor, nn

from ..hardware.layout import ALONE, Layout
from .optimizer import AdamW

_FEWEST = 16  # channels, in and out, from which a layer counts as hidden
# Jordan et al.: steepest at 0, all singular values end up in about [.7, 1.2]
_QUINTIC = (3.4445, -4.775, 2.0315)
_STEPS = 5
_WIDE = 2  # columns for a row from which products of Gram matrices are fewer operations
_SMALL = 128  # rows or columns up to which a CPU multiplies float32 faster than bf16, as measured


class Muon(AdamW):
    """w <- w - .2 sqrt(max(n, m)) lr O(g + mu (m - g)), m <- mu m + (1 - mu) g, for matrices (n,
    m); AdamW for the rest.

    A convolution is a matrix of its output channels by everything else.
    """

    def __init__(
        self,
        network: nn.Module,
        betas: tuple[float, float],
        weight_decay: float = 0.0,
        momentum: float = 0.95,
        layout: Layout = ALONE,
    ) -> None:
        super().__init__((p for p in network.parameters() if p.requires_grad), betas, weight_decay)
        self.layout, self.momentum = layout, momentum
        known = {id(weight) for weight in muon_parameters(network)}
        self.matrices = {place for place, w in enumerate(self.weights) if id(w) in known}

    def _step(self, moved: list[int], lr: float) -> None:
        super()._step([place for place in moved if place not in self.matrices], lr)
        matrices = [place for place in moved if place in self.matrices]
        if matrices:
            self._move(matrices, lr)

    def _move(self, moved: list[int], lr: float) -> None:
        weights, gradients = [self.weights[place] for place in moved], self._gradients(moved)
        averages = self._remembered(moved, "momentum")
        torch._foreach_lerp_(averages, gradients, 1 - self.momentum)
        ahead = torch._foreach_lerp(gradients, averages, self.momentum)
        torch._foreach_mul_(weights, 1 - lr * self.weight_decay)
        directions = orthogonal([self.layout.whole(matrix).flatten(1) for matrix in ahead])
        for weight, matrix in zip(weights, directions, strict=True):
            size = 0.2 * math.sqrt(max(matrix.shape))
            step = self.layout.share(matrix.view(weight.shape), weight)
            weight.add_(step, alpha=-size * lr)


def muon_parameters(network: nn.Module) -> list[Tensor]:
    """Weights of the linear maps and convolutions that have at least 16 channels on either side."""
    layers = [layer for layer in network.modules() if isinstance(layer, (nn.Linear, nn.Conv2d))]
    return [
        layer.weight
        for layer in layers
        if min(layer.weight.shape[:2]) >= _FEWEST and layer.weight.requires_grad
    ]


def orthogonal(matrices: list[Tensor]) -> list[Tensor]:
    """About U V^T of each matrix U S V^T, those of one shape together."""
    alike: dict[torch.Size, list[int]] = {}
    for index, matrix in enumerate(matrices):
        alike.setdefault(matrix.shape, []).append(index)
    answer = list(matrices)
    for indices in alike.values():
        together = newton_schulz(torch.stack([matrices[index] for index in indices]))
        for index, matrix in zip(indices, together, strict=True):
            answer[index] = matrix
    return answer


def newton_schulz(matrices: Tensor) -> Tensor:
    """About U V^T of each of the ``matrices`` U S V^T (k, n, m), float32; all singular values end
    up near 1."""
    x = matrices.to(torch.bfloat16 if _native(matrices) else torch.float32)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    tall = x.shape[1] > x.shape[2]
    wide = x.mT if tall else x
    exact = x.dtype == torch.float32 and wide.shape[2] >= _WIDE * wide.shape[1]
    wide = _by_its_gram(wide) if exact else _directly(wide)
    return (wide.mT if tall else wide).float()


def _directly(x: Tensor) -> Tensor:
    """x <- (a + b G + c G^2) x with G = x x^T, five times."""
    a, b, c = _QUINTIC
    for _ in range(_STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x


def _by_its_gram(x: Tensor) -> Tensor:
    """The same by products of small matrices alone: each factor is a polynomial of the first G, and
    so all commute. G loses half of the digits of small singular values, and bf16 has too few."""
    a, b, c = _QUINTIC
    gram, factors = x @ x.mT, []
    for left in reversed(range(_STEPS)):
        factor = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        factor.diagonal(dim1=1, dim2=2).add_(a)
        factors.append(factor)
        gram = factor @ gram @ factor if left else gram
    return reduce(torch.matmul, factors) @ x


def _native(matrices: Tensor) -> bool:
    """Whether bf16 is multiplied by the hardware, and faster than float32: on a CPU, small matrices
    are not."""
    if matrices.device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    wide = matrices.device.type == "cpu" and min(matrices.shape[1:]) > _SMALL
    return wide and bool(torch.cpu._is_avx512_bf16_supported())
