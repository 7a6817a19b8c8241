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
from typing import Any

import torch
from torch import Tensor, nn

_FEWEST = 16  # channels, in and out, from which a layer counts as hidden
# Jordan et al.: steepest at 0, all singular values end up in about [.7, 1.2]
_QUINTIC = (3.4445, -4.775, 2.0315)
_STEPS = 5
_SMALL = 128  # rows or columns up to which a CPU multiplies float32 faster than bf16, as measured


class Muon(torch.optim.AdamW):
    """w <- w - .2 sqrt(max(n, m)) lr O(g + mu (m - g)), m <- mu m + (1 - mu) g, for matrices (n,
    m); AdamW for the rest.

    A convolution is a matrix of its output channels by everything else.
    """

    def __init__(
        self,
        network: nn.Module,
        lr: float,
        betas: tuple[float, float],
        weight_decay: float,
        momentum: float = 0.95,
    ) -> None:
        matrices = muon_parameters(network)
        known = {id(weight) for weight in matrices}
        others = [p for p in network.parameters() if p.requires_grad and id(p) not in known]
        groups: list[dict[str, Any]] = [{"params": others}, {"params": matrices}]
        super().__init__(groups, lr=lr, betas=betas, weight_decay=weight_decay, fused=True)
        self.momentum = momentum

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """One step of all weights that have a gradient."""
        matrices = self.param_groups.pop()
        try:
            loss = super().step(closure)
        finally:
            self.param_groups.append(matrices)
        for weight in matrices["params"]:
            if weight.grad is not None:
                self._move(weight, matrices["lr"], matrices["weight_decay"])
        return loss

    def _move(self, weight: Tensor, lr: float, decay: float) -> None:
        state = self.state[weight]
        if not state:
            # AdamW looks for the step when it is restored
            state["momentum"], state["step"] = torch.zeros_like(weight), torch.tensor(0.0)
        average = state["momentum"].lerp_(weight.grad, 1 - self.momentum)
        ahead = weight.grad.lerp(average, self.momentum)  # type: ignore[union-attr]
        matrix = newton_schulz(ahead.flatten(1))
        weight.mul_(1 - lr * decay).add_(
            matrix.view(weight.shape), alpha=-0.2 * math.sqrt(max(matrix.shape)) * lr
        )


def muon_parameters(network: nn.Module) -> list[Tensor]:
    """Weights of the linear maps and convolutions that have at least 16 channels on either side."""
    layers = [layer for layer in network.modules() if isinstance(layer, (nn.Linear, nn.Conv2d))]
    return [
        layer.weight
        for layer in layers
        if min(layer.weight.shape[:2]) >= _FEWEST and layer.weight.requires_grad
    ]


def newton_schulz(matrix: Tensor) -> Tensor:
    """About U V^T of ``matrix`` = U S V^T (n, m), float32; all singular values end up near 1."""
    a, b, c = _QUINTIC
    x = matrix.to(torch.bfloat16 if _native(matrix) else torch.float32)
    x = x / (x.norm() + 1e-7)
    wide = x if x.shape[0] <= x.shape[1] else x.T
    for _ in range(_STEPS):
        gram = wide @ wide.T
        even = torch.addmm(gram, gram, gram, beta=b, alpha=c)
        wide = torch.addmm(wide, even, wide, beta=a)
    answer: Tensor = wide if x.shape[0] <= x.shape[1] else wide.T
    return answer.float()


def _native(matrix: Tensor) -> bool:
    """Whether bf16 is multiplied by the hardware, and faster than float32: on a CPU, small matrices
    are not."""
    if matrix.device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    wide = matrix.device.type == "cpu" and min(matrix.shape) > _SMALL
    return wide and bool(torch.cpu._is_avx512_bf16_supported())
