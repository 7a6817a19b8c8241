"""How many examples a step takes, where a training is given a time and its model leaves that open.

A gradient of few examples is noisy, one of many is dear. Up to about the *gradient noise scale*

    B = tr(S) / |G|^2,

G being the gradient of the objective and S the covariance of that of one example, a step of twice
as many examples brings twice as much; beyond, it brings hardly more (McCandlish et al. 2018, "An
empirical model of large-batch training", arXiv 1812.06162, section 2.2). B is some ten for photos,
which the mixture that a model begins with says little of, and thousands for tables, and for digits,
which it knows nearly all of. It grows while a model learns, so that a time that holds many steps is
spent on larger ones.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ...core.cpu_threads import cpu_threads
from ...core.estimator_types import BATCH_SIZE
from ...core.seeding import seed_for, seeded
from ..hardware.device import mixed_precision
from ..hardware.layout import Layout

if TYPE_CHECKING:
    from ..trainer import Trainer

SMALLEST, LARGEST = 32, 512
# steps: of 32x32 photos 1,330 of 32 examples were better than 750 of 64, and of MNIST 3,300 of 128
# as good as 5,900 of 64, in the same time each
_ENOUGH = 2000
# of the noise scale: below 100, steps of 32 examples were better than of 128; above 800, of 512
# (benchmarks/README.md)
_SHARE = 0.5
_FEWEST = 30  # steps at least
_PARTS, _MOST = 4, 32  # gradients of the smallest steps that the noise is measured by


def batch_size(left: float, each: float, scale: float | None) -> int:
    """Examples in a step for ``left`` seconds, of which one of the smallest steps takes ``each``:
    the most, up to the usual number where there are enough steps of them, and beyond it where the
    gradient noise ``scale`` asks for so many."""
    size = SMALLEST
    while _pays(2 * size, left / (each * 2 * size / SMALLEST), scale):
        size *= 2
    return size


def _pays(size: int, steps: float, scale: float | None) -> bool:
    """Whether so many ``steps``, if they take as much more time as they hold examples, are well
    spent."""
    noisy = scale is not None and size <= min(_SHARE * scale, LARGEST)
    return (noisy and steps > _FEWEST) or (size <= BATCH_SIZE and steps > _ENOUGH)


def gradient_noise_scale(loop: Trainer, seconds: float) -> float | None:
    """B at the weights that ``loop`` has now, which stay as they are, measured for as many
    ``seconds`` at most; None where that is too short, or the gradient is lost in its noise, as
    where a closed form has left nothing to learn by straight lines."""
    networks = loop.model.networks_  # some parts move as they are used: codebooks, running means
    before = {name: value.clone() for name, value in networks.state_dict().items()}
    end, scale = time.perf_counter() + seconds, None
    total, few = [torch.zeros_like(p) for p in loop.parameters["loss"]], 0.0
    with closing(_gradients(loop)) as gradients:
        for count, gradient in enumerate(gradients, 1):
            torch._foreach_add_(total, gradient)
            few += (_square(gradient, loop.state.layout) - few) / count
            if count >= _PARTS:
                scale = _scale(few, _square(total, loop.state.layout) / count**2, count)
            known = scale is not None and _SHARE * scale < 2 * SMALLEST
            if loop.fabric.broadcast(known or time.perf_counter() > end):
                break
    networks.load_state_dict(before)
    return scale


def _scale(few: float, many: float, count: int) -> float | None:
    """B by the squares of gradients of ``few`` examples, on average, and of ``count`` times as
    ``many``: both are |G|^2 + tr(S) / b (appendix A.1)."""
    signal = (count * many - few) / (count - 1)
    noise = (few - many) / (1 - 1 / count) * SMALLEST
    return noise / signal if signal > 0 else None


def _gradients(loop: Trainer) -> Generator[list[Tensor]]:
    """Of the objective, by each part of the examples that come next."""
    model, device, weights = loop.model, loop.fabric.device, loop.parameters["loss"]
    start = loop.plan.examples(loop.state.step, model.batch_size_)
    model.on_step_start(loop.plan.progress(loop.state.step))
    with cpu_threads(loop.numbers), mixed_precision(model.networks_.train(), loop.fabric, {}):
        for part in range(_MOST):
            with seeded(seed_for(model.seed, "noise scale", part), device):
                batch = loop.batches(start + part * SMALLEST, SMALLEST)
                ((_, loss),) = model.objectives(*batch)
            loop.state.optimizers["loss"].zero_grad()  # of what the last step has left
            loop.state.layout.backward(loss, weights)
            yield [torch.zeros_like(p) if p.grad is None else p.grad for p in weights]


def _square(vectors: list[Tensor], layout: Layout) -> float:
    return float(layout.whole(nn.utils.get_total_norm(vectors))) ** 2
