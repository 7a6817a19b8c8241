"""The scale of the data, measured: what a diffusion model needs to know before the first step."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class DataNormalizer(nn.Module):
    """x (B, *shape) to units in which each channel (or column) has mean 0 and all of them together
    have standard deviation ``sigma_data``, and back.

    ``frequencies``: how often each class occurs, (classes,).
    """

    centre: Tensor
    scale: Tensor
    frequencies: Tensor

    def __init__(self, shape: tuple[int, ...], sigma_data: float = 1.0, classes: int = 0) -> None:
        super().__init__()
        self.sigma_data = sigma_data
        self.register_buffer("centre", torch.zeros(shape[0], *(1,) * (len(shape) - 1)))
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("frequencies", torch.ones(classes) / max(1, classes))

    def fill(self, x: Tensor) -> None:
        """Measure examples ``x``; until then they are what they are inside."""
        self.centre.copy_(x.mean([0, *range(2, x.ndim)]).reshape(self.centre.shape))
        deviation = (x - self.centre).square().mean().sqrt()
        self.scale.copy_((deviation if deviation > 1e-6 else torch.ones(())) / self.sigma_data)

    def count(self, labels: Tensor | None) -> None:
        """Measure how often each of the ``labels`` occurs, if the model learns from classes."""
        if len(self.frequencies) and labels is not None:
            self.frequencies.copy_(
                torch.bincount(labels, minlength=len(self.frequencies)) / len(labels)
            )

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.centre) / self.scale

    def inverse(self, x: Tensor) -> Tensor:
        return x * self.scale + self.centre


class DenoisingResiduals(nn.Module):
    """How far the expected example lies from the true one.

    ``width``: for each number of x, (*shape), where the ODE ends; ``curve``: |y - D(y)|^2 / (d
    r^2), at ``strengths`` ratios r of noise.
    """

    width: Tensor
    curve: Tensor

    def __init__(self, shape: tuple[int, ...], strengths: int) -> None:
        super().__init__()
        self.register_buffer("width", torch.ones(shape))
        self.register_buffer("curve", torch.ones(strengths))
