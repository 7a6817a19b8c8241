"""Laws of the training times: which levels of noise a network practises, as quantile functions of
uniforms."""

from __future__ import annotations

import torch
from torch import Tensor

from ...core.processes import rows_of_batch

_OPEN = 2.0**-24  # keeps uniforms inside (0, 1), where quantiles are finite


def stratified_uniform(n: int) -> Tensor:
    """u_i = (u_0 + i / n) mod 1, in random order, shape (n,): uniform each, and together as even as
    n can be.

    Kingma et al. 2021, arXiv 2107.00630, appendix I.1: the loss of a batch varies less than with
    independent times. Draws from torch's generator.
    """
    return rows_of_batch(_stratified, n)


def _stratified(n: int) -> Tensor:
    u = (torch.rand(()) + torch.arange(n) / n) % 1
    return u[torch.randperm(n)]


def logit_normal(u: Tensor, mean: float, std: float) -> Tensor:
    """t with logit t ~ N(mean, std^2): Esser et al. 2024, arXiv 2403.03206, equation 19."""
    return torch.sigmoid(mean + std * _normal(u))


def log_normal(u: Tensor, mean: float, std: float) -> Tensor:
    """Ratios sigma / alpha with log ratio ~ N(mean, std^2): Karras et al. 2022, arXiv 2206.00364,
    table 1."""
    return torch.exp(mean + std * _normal(u))


def _normal(u: Tensor) -> Tensor:
    """The standard normal quantile of ``u`` in [0, 1]."""
    z: Tensor = torch.special.ndtri(u.clamp(_OPEN, 1 - _OPEN))
    return z
