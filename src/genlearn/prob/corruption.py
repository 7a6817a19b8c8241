"""Corruptions x -> x~ of examples in [-1, 1] or standardised: what a denoising autoencoder learns
to undo.

Vincent et al. 2008, "Extracting and composing robust features with denoising autoencoders".
Randomness comes from torch's generator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from ..core.seeding import noise_like

Corruption = Literal["none", "gaussian", "mask", "salt_pepper"]


def gaussian(x: Tensor, level: float) -> Tensor:
    """x + level * eps, eps ~ N(0, I)."""
    return x + level * noise_like(x)


def mask(x: Tensor, level: float) -> Tensor:
    """Each number is erased with probability ``level``: set to 0, the middle of the range."""
    return torch.where(torch.rand_like(x) < level, 0.0, x)


def salt_pepper(x: Tensor, level: float) -> Tensor:
    """Each number is set to the lowest or the highest of its batch, with probability ``level`` / 2
    each."""
    u = torch.rand_like(x)
    return torch.where(u < level / 2, x.min(), torch.where(u > 1 - level / 2, x.max(), x))


CORRUPTIONS: dict[Corruption, Callable[[Tensor, float], Tensor]] = {
    "none": lambda x, level: x,
    "gaussian": gaussian,
    "mask": mask,
    "salt_pepper": salt_pepper,
}
