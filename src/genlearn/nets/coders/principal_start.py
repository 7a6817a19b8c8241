r"""Coders that begin as principal component analysis and learn the rest.

With the leading axes U (D, q) of the data, of variances lambda, the coders

    f(x) = U^T (x - m) / sqrt(lambda) + F(x),      g(z) = m + U (sqrt(lambda) z) + G(z),

whose networks F and G give zero at first, reconstruct as well as PCA before the first step. Read as
distributions they are probabilistic PCA (Tipping & Bishop 1999): with the variance s^2 across the
axes, W = U sqrt(lambda - s^2) in place of U sqrt(lambda), x | z ~ N(m + W z, s^2) has the posterior

    z | x ~ N(sqrt(lambda - s^2) / lambda * U^T (x - m),  s^2 / lambda).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ..layers.adaln import zero


class PrincipalStart(nn.Module):
    """The linear parts of coders of x (B, *shape): ``mean`` m (D,), ``encoding`` (D, q),
    ``decoding`` (q, D), and the ``variance`` of z given x, (q,)."""

    mean: Tensor
    encoding: Tensor
    decoding: Tensor
    variance: Tensor

    def __init__(self, shape: tuple[int, ...], latent: int) -> None:
        super().__init__()
        self.shape, dim = shape, math.prod(shape)
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("encoding", torch.zeros(dim, latent))
        self.register_buffer("decoding", torch.zeros(latent, dim))
        self.register_buffer("variance", torch.ones(latent))

    def fill(self, mean: Tensor, axes: Tensor, variances: Tensor, noise: float) -> None:
        """Of ``axes`` (D, r), r <= q, and ``variances`` (r,) along them; ``noise``: s^2, or 0 for
        plain PCA. Latents beyond r say nothing."""
        r = len(variances)
        kept = (variances - noise).clamp(min=0).sqrt()
        self.mean.copy_(mean)
        self.encoding[:, :r] = axes * (kept / variances)
        self.decoding[:r] = (axes * kept).T
        self.variance[:r] = (noise / variances).clamp(1e-6, 1)

    def encode(self, x: Tensor) -> Tensor:
        """(B, *shape) -> (B, q)."""
        return (x.flatten(1) - self.mean) @ self.encoding

    def decode(self, z: Tensor) -> Tensor:
        """(B, q) -> (B, *shape)."""
        return (self.mean + z @ self.decoding).reshape(-1, *self.shape)


def silence(network: nn.Module) -> None:
    """Let ``network`` give zero at first."""
    *_, last = [m for m in network.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    zero(last)
