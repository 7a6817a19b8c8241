"""Optimiser, learning-rate schedules and the exponential moving average of the weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ...core.estimator_types import CAREFUL, GradientTrained
from ..duration.plan import Plan
from .muon import Muon
from .optimizer import SGD, AdamW, Optimizer

_BETA2 = 0.99


def _stages(progress: float) -> float:
    """Eight stages, each three times as long as the one before, the rate falling by 10^(1/7) each
    (Burda et al. 2015, section 5)."""
    return 10 ** (-math.floor(math.log(1 + progress * (3**8 - 1), 3) + 1e-9) / 7)


SCHEDULES: dict[str, Callable[[float], float]] = {
    "cosine": lambda progress: 0.5 * (1 + math.cos(math.pi * progress)),
    "linear": lambda progress: 1 - progress,
    "constant": lambda progress: 1.0,
    "stages": _stages,
}


def learning_rate(model: GradientTrained, plan: Plan, step: int) -> float:
    """The rate of the step after ``step``: a linear rise over the warm-up times the schedule, both
    anew in each cycle of the plan; of a training without an end a short rise, and no schedule."""
    if plan.endless:
        return model.lr * min(1.0, (step + 1) / max(model.least_warmup, CAREFUL))
    cycle = plan.cycle(step)
    rise = 1.0 if model.warmup == 0 else cycle.progress(step + 1) / model.warmup
    least = max(model.least_warmup, CAREFUL) if cycle.start else model.least_warmup
    rise = min(1.0, rise, (step + 1 - cycle.start) / least)
    return model.lr * rise * SCHEDULES[model.lr_schedule](cycle.progress(step))


def optimizer(model: GradientTrained, name: str, network: nn.Module) -> Optimizer:
    """What moves the ``network`` called ``name``: AdamW with beta2 = 0.99, which suits short runs;
    Muon; or stochastic gradient descent."""
    kind, momentum = model.optimizer_of(name)
    betas, decay = (momentum, _BETA2), model.weight_decay
    if kind == "muon":
        return Muon(network, betas, decay)
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if kind == "sgd":
        return SGD(weights, momentum, decay)
    return AdamW(weights, betas, decay)


@torch.no_grad()
def ema_update(average: list[Tensor], weights: list[Tensor], decay: float, step: int) -> None:
    """average <- b average + (1 - b) weights, b = min(decay, (1 + t) / (10 + t)) after the step
    number t = ``step`` (from 0)."""
    if average:
        torch._foreach_lerp_(
            average, weights, 1 - (min(decay, (1 + step) / (10 + step)) if decay else 0.0)
        )


class EMA:
    """w <- b w + (1 - b) weights, b = min(decay, (1 + t) / (10 + t)), so that early averages are
    usable too. Buffers are shared."""

    def __init__(self, networks: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = list(networks.parameters())
        self.average = [weight.detach().clone() for weight in self.weights]
        self.names = [name for name, _ in networks.named_parameters()]

    def update(self, step: int) -> None:
        """Take in the weights after the step number ``step`` (from 0)."""
        ema_update(self.average, list(self.weights), self.decay, step)

    def apply(self) -> None:
        """From here on the networks hold the average, and this holds what they held."""
        for index, weight in enumerate(self.weights):
            weight.data, self.average[index] = self.average[index], weight.data

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the networks hold the average."""
        self.apply()
        try:
            yield
        finally:
            self.apply()

    def state(self) -> dict[str, Tensor]:
        return dict(zip(self.names, self.average, strict=True))

    def load(self, state: dict[str, Tensor]) -> None:
        for name, average in self.state().items():
            average.copy_(state[name])
