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

from ..core.processes import from_all, noise_like, uniform_rows

Corruption = Literal["none", "gaussian", "mask", "salt_pepper"]


def gaussian(x: Tensor, level: float) -> Tensor:
    """x + level * eps, eps ~ N(0, I)."""
    return x + level * noise_like(x)


def mask(x: Tensor, level: float) -> Tensor:
    """Each number is erased with probability ``level``: set to 0, the middle of the range."""
    return torch.where(_uniform(x) < level, 0.0, x)


def salt_pepper(x: Tensor, level: float) -> Tensor:
    """Each number is set to the lowest or the highest of its batch, with probability ``level`` / 2
    each."""
    u, least, most = _uniform(x), x.min(), x.max()
    ends = from_all(torch.stack([least, most]))
    return torch.where(u < level / 2, ends.min(), torch.where(u > 1 - level / 2, ends.max(), x))


def _uniform(x: Tensor) -> Tensor:
    return uniform_rows(*x.shape, device=x.device)


CORRUPTIONS: dict[Corruption, Callable[[Tensor, float], Tensor]] = {
    "none": lambda x, level: x,
    "gaussian": gaussian,
    "mask": mask,
    "salt_pepper": salt_pepper,
}
