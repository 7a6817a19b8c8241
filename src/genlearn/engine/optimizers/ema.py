"""The exponential moving average of the weights, which is what is sampled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ...core.estimator_types import GradientTrained
from ..hardware.layout import Layout


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

    def load(self, state: dict[str, Tensor], layout: Layout) -> None:
        """Be what was once ``state``, of which this process may hold a share."""
        for name, average in self.state().items():
            average.copy_(layout.share(state[name], average))


class ShardedEMA(EMA):
    """The average of weights of which each process holds a share. Where it is to be used, ``whole``
    networks, which wait on the CPU, hold it in place of those of ``model``."""

    def __init__(self, model: GradientTrained, whole: nn.ModuleDict, layout: Layout) -> None:
        super().__init__(model.networks_, model.ema)
        self.model, self.sharded, self.held_whole = model, model.networks_, whole
        self.layout = layout

    def apply(self) -> None:
        """From here on the model's networks are whole and hold the average, or are those that
        learn again."""
        if self.model.networks_ is not self.sharded:
            self.model.networks_ = self.sharded
            self._take_buffers(self.held_whole.to("cpu"))
            return
        device = self.layout.processes.device
        self._take_weights(self.held_whole.to(device))
        self.model.networks_ = self.held_whole

    def _take_weights(self, whole: nn.ModuleDict) -> None:
        state = {**self.sharded.state_dict(), **self.state()}
        whole.load_state_dict({name: self.layout.whole(tensor) for name, tensor in state.items()})

    def _take_buffers(self, whole: nn.ModuleDict) -> None:
        """What was measured for sampling stays known to the networks that learn."""
        weights = set(self.names)
        buffers = {name: t for name, t in whole.state_dict().items() if name not in weights}
        self.sharded.load_state_dict(buffers, strict=False)


def average_of(model: GradientTrained, whole: nn.ModuleDict | None, layout: Layout) -> EMA:
    """The average of the weights of ``model``, which has ``whole`` networks beside them where they
    are shared out."""
    if whole is None:
        return EMA(model.networks_, model.ema)
    return ShardedEMA(model, whole, layout)
