"""How gradients move weights, beside what each optimiser has to remember of every weight.

PyTorch's own optimisers load its compiler with their first instance, which takes longer than many a
training here; the arithmetic is the same fused step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import cast

import torch
from torch import Tensor

_EPS = 1e-8


class Optimizer(ABC):
    """Moves ``weights`` by their gradients. ``state``: what is remembered of each, by its place;
    nothing before its first gradient."""

    def __init__(self, weights: Iterable[Tensor]) -> None:
        self.weights = list(weights)
        self.state: list[dict[str, Tensor]] = [{} for _ in self.weights]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """One step at the rate ``lr`` of all weights that have a gradient."""
        self._step([i for i, w in enumerate(self.weights) if w.grad is not None], lr)

    @abstractmethod
    def _step(self, moved: list[int], lr: float) -> None:
        """The step of the weights at the places ``moved``."""

    def zero_grad(self) -> None:
        """No weight has a gradient any more."""
        for weight in self.weights:
            weight.grad = None

    def _gradients(self, moved: list[int]) -> list[Tensor]:
        return [cast(Tensor, self.weights[place].grad) for place in moved]

    def _remembered(
        self, moved: list[int], name: str, first: Callable[[Tensor], Tensor] = torch.zeros_like
    ) -> list[Tensor]:
        """What is remembered as ``name``; of a new weight, ``first`` of it."""
        for place in moved:
            if name not in self.state[place]:
                self.state[place][name] = first(self.weights[place])
        return [self.state[place][name] for place in moved]


class AdamW(Optimizer):
    """w <- (1 - lr d) w - lr m / (sqrt(v) + eps), m and v the means of g and g^2, decaying by
    ``betas`` and without their bias towards 0; d is ``weight_decay``.

    Loshchilov & Hutter 2017, "Decoupled weight decay regularization", arXiv 1711.05101.
    """

    def __init__(
        self, weights: Iterable[Tensor], betas: tuple[float, float], weight_decay: float = 0.0
    ) -> None:
        super().__init__(weights)
        self.betas, self.weight_decay = betas, weight_decay

    def _step(self, moved: list[int], lr: float) -> None:
        if not moved:
            return
        counts = self._remembered(moved, "step", _zero)
        torch._foreach_add_(counts, 1)
        torch._fused_adamw_(
            [self.weights[place] for place in moved],
            self._gradients(moved),
            self._remembered(moved, "exp_avg"),
            self._remembered(moved, "exp_avg_sq"),
            [],
            counts,
            lr=lr,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=self.weight_decay,
            eps=_EPS,
            amsgrad=False,
            maximize=False,
        )


class SGD(Optimizer):
    """w <- (1 - lr d) w - lr m, m <- momentum m + g."""

    def __init__(
        self, weights: Iterable[Tensor], momentum: float, weight_decay: float = 0.0
    ) -> None:
        super().__init__(weights)
        self.momentum, self.weight_decay = momentum, weight_decay

    def _step(self, moved: list[int], lr: float) -> None:
        for place, gradient in zip(moved, self._gradients(moved), strict=True):
            (mean,) = self._remembered([place], "momentum")
            mean.mul_(self.momentum).add_(gradient)
            self.weights[place].mul_(1 - lr * self.weight_decay).sub_(mean, alpha=lr)


def _zero(weight: Tensor) -> Tensor:
    return torch.zeros((), device=weight.device)
