"""A denoiser, and a sampler with all its steps, as functions of tensors.

A class is a number; the number of classes stands for any. Captions stay out: their language model
is another package's, so what is exported was told of none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ...core.capabilities import Graph
from ...nets.traced import Traced
from ...prob.diffusion.samplers import Heun
from ...prob.diffusion.schedules import NoiseLevel

if TYPE_CHECKING:
    from ._sampling import ReverseProcess


def diffusion_graphs(model: ReverseProcess) -> dict[str, Graph]:
    """The denoiser in the networks' units, and the sampler from noise to examples."""
    x, t = torch.zeros(2, *model.spec_.shape), torch.tensor([0.25, 0.75])
    labels = {"label": torch.zeros(2, dtype=torch.long)} if model.classes_in_ else {}
    any_class = f"; label {len(model.classes_in_)}: any class" if labels else ""
    return {
        "denoiser": Graph(
            Traced(model.networks_, _denoiser(model)),
            {"x_t": x, "alpha": 1 - t, "sigma": t, **labels},
            "expected",
            f"E[x | x_t], x_t = alpha x + sigma eps, in the networks' units{any_class}",
        ),
        "sampler": Graph(
            Traced(model.networks_, _sampler(model)),
            {"noise": x, **labels},
            "x",
            f"a sample from N(0, I) noise, by {model.sampling_steps} steps of"
            f" {model.sampler}{any_class}",
        ),
    }


def _denoiser(model: ReverseProcess) -> Callable[..., Tensor]:
    denoiser = model.denoiser

    def expected(x: Tensor, alpha: Tensor, sigma: Tensor, y: Tensor | None = None) -> Tensor:
        places = (-1, *(1,) * (x.ndim - 1))
        level = NoiseLevel(None, alpha.reshape(places), sigma.reshape(places))
        return denoiser.posterior_mean(x, level, y)

    return expected


def _sampler(model: ReverseProcess) -> Callable[..., Tensor]:
    """Levels and guidance are what they are when this is called; noise is drawn outside, once."""
    config, denoiser, normalizer = model.sampling_config({}), model.denoiser, model.normalizer
    sampler = Heun() if config.sampler.stochastic else config.sampler
    levels = model.schedule.levels(config.steps)
    deviation = denoiser.std(levels[0])

    def draw(noise: Tensor, y: Tensor | None = None) -> Tensor:
        told = config.in_range(config.guided(denoiser, y), normalizer)
        return normalizer.inverse(sampler.sample(told, noise * deviation, levels, _no_noise))

    return draw


def _no_noise(step: int) -> Tensor:
    raise AssertionError(f"step {step} of a sampler without fresh noise asks for some")
