r"""Features of a denoiser: what one of its layers answers to an example under a little noise.

A network that tells data from noise at every level has learned what data is made of, and its inner
layers, at a time of little noise, hold what an encoder's code would: by a linear probe they compare
with methods made for it (Baranchuk et al. 2021, arXiv 2112.03126; Xiang et al. 2023, arXiv
2303.09769). The codes of the probability flow do not: they are noise, one to one with the data, and
alike codes need not mean alike examples.

One noise befalls all examples, so that they differ by what they show and not by their noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor

from ...nets.denoisers.layer_maps import LayeredNetwork, recorded
from ...prob.diffusion.denoiser import LearnedDenoiser
from ...prob.diffusion.schedules import Schedule

# noise, in standard deviations of the data, at which layers are worth asking
_NOISES = (0.1, 0.4, 1.2)


def layers_of(network: Any) -> tuple[str, ...]:
    """Names of its layers, from the first to the last."""
    return tuple(cast(LayeredNetwork, network).layers)


def feature_times(schedule: Schedule, sigma_data: float) -> tuple[float, ...]:
    """The t at which noise has those strengths, to a hundredth."""
    ratios = sigma_data * torch.tensor(_NOISES, dtype=torch.float64)
    return tuple(min(0.99, max(0.01, round(float(t), 2))) for t in schedule.time(ratios))


def extraction(
    denoiser: LearnedDenoiser, layers: Sequence[str], t: float, noise: Tensor
) -> Callable[[Tensor], dict[str, Tensor]]:
    """Examples inside the data's units (B, *shape) -> features (B, d) by layer, under one ``noise``
    (1, *shape)."""
    network = cast(LayeredNetwork, denoiser.network)
    level = denoiser.schedule.level(t)

    def features(x: Tensor) -> dict[str, Tensor]:
        with recorded(network, tuple(layers)) as answers:
            denoiser.posterior_mean(level.noised(denoiser.normalizer(x), noise.to(x)), level)
        return {layer: answers[layer].cpu() for layer in layers}

    return features
