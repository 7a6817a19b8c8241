"""Short trainings of small judges: AdamW at a rate that rises and falls once."""

from __future__ import annotations

import math
from collections.abc import Iterable

from torch import Tensor

from .optimizer import AdamW

_BETAS = (0.9, 0.999)
_LEAST = 1e-3  # of the highest rate


class OneCycle:
    """AdamW whose rate rises evenly to ``lr``, in the share ``warmup`` of the training, and falls
    as a cosine.

    Smith & Topin 2017, "Super-convergence", arXiv 1708.07120, whose momentum moves too.
    """

    def __init__(
        self, weights: Iterable[Tensor], lr: float, warmup: float, weight_decay: float = 0.0
    ) -> None:
        self.optimizer = AdamW(weights, _BETAS, weight_decay)
        self.lr, self.warmup = lr, warmup

    def step(self, loss: Tensor, progress: float) -> None:
        """Down the gradient of ``loss``; ``progress`` in (0, 1] counts this step."""
        fallen = (progress - self.warmup) / (1 - self.warmup)
        rate = min(progress / self.warmup, (1 + math.cos(math.pi * fallen)) / 2)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step(self.lr * max(rate, _LEAST))
