"""Which optimiser moves a network, and the schedules of its learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable

from torch import nn

from ...core.estimator_types import CAREFUL, GradientTrained
from ..duration.plan import Plan
from ..hardware.layout import Layout
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


def optimizer(model: GradientTrained, name: str, network: nn.Module, layout: Layout) -> Optimizer:
    """What moves the ``network`` called ``name``: AdamW with beta2 = 0.99, which suits short runs;
    Muon; or stochastic gradient descent."""
    kind, momentum = model.optimizer_of(name)
    betas, decay = (momentum, _BETA2), model.weight_decay
    if kind == "muon":
        return Muon(network, betas, decay, layout=layout)
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if kind == "sgd":
        return SGD(weights, momentum, decay)
    return AdamW(weights, betas, decay)
