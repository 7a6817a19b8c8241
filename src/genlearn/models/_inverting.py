r"""Inversion: codes of examples, found by optimisation, for a generator that has no encoder.

The code of an example x is the most probable one if x = G(z) + noise, z ~ N(0, I) and the noise has standard deviation s in the networks' units:

    z(x) = argmin_z ||x - G(z)||^2 / (2 s^2) + ||z||^2 / 2

from the best of several samples, by gradient descent (Zhu et al. 2016, "Generative visual manipulation on the natural image manifold", arXiv
1609.03552). The problem is not convex, so the code is one of many, and approximate; what G cannot make is not found.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..core.capabilities import Array, Inverts
from ..core.random import derive
from ._coding import Decoding
from .base import evaluating

_STARTS = 512  # samples, of which the nearest is where the search begins
_STEPS, _RATE = 80, 0.1
_NOISE = 0.03  # s: four grey levels of 256
_CHUNK = 256  # examples that are searched for at a time


@dataclass(kw_only=True, eq=False, repr=False)
class Inverting(Decoding, Inverts):
    """A generator's codes by inversion. A code is made of noise, N(0, I), and of a class, which stays that of the start."""

    @abstractmethod
    def _starts(self, n: int, seed: int) -> tuple[Tensor, Tensor | None]:
        """Noise (n, latent) and classes (n,) of the samples of the stream named by ``seed``."""

    @abstractmethod
    def _code(self, eps: Tensor, y: Tensor | None) -> Tensor:
        """The codes of noise and classes: (B, latent_dim_)."""

    def encode(self, X: Any) -> Array:
        """Codes (n, latent_dim), float32, of examples in the user's units, by inversion: approximate, and slow."""
        values = self._values(X)
        eps, y = self._starts(_STARTS, derive(self.seed, "invert"))
        with evaluating(self.networks_):
            samples = torch.cat([self._decode(self._code(eps, y)[rows]) for rows in torch.split(torch.arange(_STARTS), _CHUNK)])
        found = []
        for first in range(0, len(values), _CHUNK):
            x = self.spec_.to_internal(values[first : first + _CHUNK]).to(self.device_)
            nearest = torch.cdist(x.flatten(1), samples.flatten(1)).argmin(1)
            found.append(self._search(x, eps[nearest], None if y is None else y[nearest]))
        return torch.cat(found).cpu().numpy()

    def _search(self, x: Tensor, eps: Tensor, y: Tensor | None) -> Tensor:
        """The codes at which the search ends that begins at ``eps``."""
        training = self.networks_.training
        self.networks_.eval()
        eps = eps.clone().requires_grad_(True)
        steps = torch.optim.Adam([eps], lr=_RATE)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(steps, _STEPS)
        with torch.enable_grad():
            for _ in range(_STEPS):
                off = (x - self._decode(self._code(eps, y))).square().flatten(1).sum(1) / (2 * _NOISE**2)
                (eps.grad,) = torch.autograd.grad((off + eps.square().sum(1) / 2).sum(), eps)
                steps.step()
                falling.step()
        self.networks_.train(training)
        return self._code(eps.detach(), y)
