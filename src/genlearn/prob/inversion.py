r"""Inversion: codes of examples, found by optimisation, for a generator that has no encoder.

The code of an example x is the most probable one if x = G(z) + noise, z ~ N(0, I) and the noise has
standard deviation s:

    z(x) = argmin_z ||x - G(z)||^2 / (2 s^2) + ||z||^2 / 2

by gradient descent from a start that is near (Zhu et al. 2016, "Generative visual manipulation on
the natural image manifold", arXiv 1609.03552). The problem is not convex, so the code is one of
many, and approximate; what G cannot make is not found.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

_STEPS, _LR = 80, 0.1
_NOISE = 0.03  # s: four grey levels of 256


def invert(generate: Callable[[Tensor], Tensor], x: Tensor, start: Tensor) -> Tensor:
    """z(x) of ``x`` (B, *shape), like ``start`` (B, latent); ``generate`` treats examples one by
    one."""
    eps = start.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([eps], lr=_LR)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, _STEPS)
    with torch.enable_grad():
        for _ in range(_STEPS):
            error = (x - generate(eps)).square().flatten(1).sum(1) / (2 * _NOISE**2)
            (eps.grad,) = torch.autograd.grad((error + eps.square().sum(1) / 2).sum(), eps)
            optimizer.step()
            scheduler.step()
    return eps.detach()
