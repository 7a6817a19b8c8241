r"""Penalties on the slope of a discriminator, without which its game has no resting place.

Where data lie on a surface, a discriminator that is right can be made arbitrarily steep across it,
and play goes round in circles instead of coming to rest; a penalty on the slope at the data (R1) or
at the samples (R2) ends that (Mescheder et al. 2018, arXiv 1801.04406). Both are squares of
gradients with respect to the input, whose own gradient with respect to the weights is taken:
activations need a second derivative.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..core.processes import noise_like, uniform_rows

Critic = Callable[[Tensor], Tensor]


def squared_gradient_norm(logits: Tensor, x: Tensor) -> Tensor:
    """||grad_x D(x)||^2 of each example, (B,), from ``logits`` = D(x), (B,), and the ``x`` that
    they were computed from."""
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gradient.flatten(1).square().sum(1)


def r1_penalty(logits: Tensor, x: Tensor, gamma: float) -> Tensor:
    """R1 for data, R2 for samples: gamma / 2 E ||grad_x D(x)||^2."""
    return gamma / 2 * squared_gradient_norm(logits, x).mean()


def wgan_gp_penalty(critic: Critic, real: Tensor, fake: Tensor, weight: float) -> Tensor:
    """weight E (||grad_x D(x)|| - 1)^2 at random points between data and samples (Gulrajani et al.
    2017, arXiv 1704.00028)."""
    u = uniform_rows(len(real), *(1,) * (real.ndim - 1), device=real.device)
    x = torch.lerp(real, fake, u).requires_grad_(True)
    return (
        weight * (squared_gradient_norm(critic(x), x).clamp(min=1e-12).sqrt() - 1).square().mean()
    )


def path_lengths(x: Tensor, w: Tensor) -> Tensor:
    """||J^T y|| of each example, (B,): J = dx/dw for ``x`` (B, *shape) made of ``w`` (B, layers,
    width), y ~ N(0, I) / sqrt(numbers in x); the mean square over layers (Karras et al. 2019, arXiv
    1912.04958, section 3.2)."""
    y = noise_like(x) / x[0].numel() ** 0.5
    (gradient,) = torch.autograd.grad((x * y).sum(), w, create_graph=True)
    return (gradient.square().sum(2).mean(1) + 1e-12).sqrt()
