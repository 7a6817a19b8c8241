"""Networks as one program in place of one call for each operation, by torch.compile.

On a GPU a small operation takes less time than telling the device of it, and each reads and writes
memory that a compiled program keeps to itself. Compiling takes a minute or more, so only a training
that is long is worth it. On a CPU, where the norms and convolutions are written for its memory, it
does not pay: 59 s for a step that takes 4 % longer (`benchmarks/README.md`, "The rate of a training
step"), and so has to be asked for. What cannot be compiled runs as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from ...core.estimator_types import GradientTrained, seconds
from ..duration.plan import Plan

_LONG, _LONG_STEPS = 600.0, 5000  # seconds or steps from which compiling is worth its minute

Forwards = dict[str, Callable[..., Any]]


def compiled(
    model: GradientTrained, networks: nn.ModuleDict, plan: Plan, device: torch.device
) -> Forwards:
    """``forward`` of the networks that are compiled, at the first call of each, by their names;
    none where it is not worth it."""
    if not is_worth_compiling(model, plan, device):
        return {}
    return {name: torch.compile(networks[name].forward) for name in model.scalable_networks}


@contextmanager
def compiling(forwards: Forwards) -> Iterator[None]:
    """Inside, what fails to be compiled is called as it is."""
    if not forwards:
        yield
        return
    import torch._dynamo

    with torch._dynamo.config.patch(suppress_errors=True):
        yield


def is_worth_compiling(model: GradientTrained, plan: Plan, device: torch.device) -> bool:
    """Whether ``model`` asks for it, or its training on ``device`` is long."""
    if not model.scalable_networks or model.compile == "no":
        return False
    if model.compile == "yes":
        return True
    budget = seconds(model.budget) if model.budget else None
    is_long = budget >= _LONG if budget else plan.steps >= _LONG_STEPS
    return device.type == "cuda" and is_long
