r"""Observation models p(x|z) = prod_i p(x_i | mean_i(z), scale_i), in nats.

Discrete data (``bin_width`` not None) get the probability of their level, the integral of the
density over the level's cell, with the tails gathered in the two outermost cells; continuous data
get the density. Grey pixels are not Bernoulli: a "binary cross-entropy" on them is no likelihood,
so `Bernoulli` is for two levels only.

    logistic   sigma(b) - sigma(a) = sigma(b) sigma(-a) (1 - e^{a-b})
               (Salimans et al. 2017, arXiv 1701.05517, in a stable form)
    gaussian   log(Phi(b) - Phi(a)) = log Phi(b) + log(1 - Phi(a)/Phi(b)),
               mirrored into the lower tail
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus
from torch.special import log_ndtr, ndtri

from .posteriors import LOG_2PI

# of the half-range [-1, 1] or of a standard deviation: against infinite densities
LOG_SCALE_MIN, LOG_SCALE_MAX = -7.0, 3.0


@dataclass(frozen=True)
class ObservationModel(ABC):
    """p(x|z). Tensors have shape (..., *event); ``x`` broadcasts against them."""

    @property
    @abstractmethod
    def mean(self) -> Tensor:
        """The expected x, inside the networks' range."""

    @abstractmethod
    def log_prob_each(self, x: Tensor) -> Tensor:
        """log p(x_i|z) of every dimension."""

    @abstractmethod
    def quantile(self, u: Tensor) -> Tensor:
        """The x at which each dimension's distribution function equals ``u``: draws, for uniform
        u."""

    def log_prob(self, x: Tensor, event: int) -> Tensor:
        """log p(x|z), summed over the last ``event`` axes."""
        return self.log_prob_each(x).flatten(-event).sum(-1)


@dataclass(frozen=True)
class Bernoulli(ObservationModel):
    """Two levels, the upper one with probability sigmoid(``logits``); inside they stand at -1/2 and
    1/2."""

    logits: Tensor

    @property
    def mean(self) -> Tensor:
        return torch.sigmoid(self.logits) - 0.5

    def log_prob_each(self, x: Tensor) -> Tensor:
        return -softplus(torch.where(x > 0, -self.logits, self.logits))

    def quantile(self, u: Tensor) -> Tensor:
        return torch.where(u > torch.sigmoid(-self.logits), 0.5, -0.5)


@dataclass(frozen=True)
class LocationScale(ObservationModel):
    """A location-scale family; ``log_scale`` broadcasts against ``location``."""

    location: Tensor
    log_scale: Tensor
    bin_width: float | None

    @property
    def mean(self) -> Tensor:
        return self.location

    @property
    def scale(self) -> Tensor:
        return self.bounded_log_scale.exp()

    @property
    def bounded_log_scale(self) -> Tensor:
        return self.log_scale.clamp(LOG_SCALE_MIN, LOG_SCALE_MAX)

    def log_prob_each(self, x: Tensor) -> Tensor:
        if self.bin_width is None:
            return self._log_density(x)
        half = self.bin_width / 2
        a, b = (x - half - self.location) / self.scale, (x + half - self.location) / self.scale
        return self._log_mass(a, b, x < half - 1 + 1e-6, x > 1 - half - 1e-6)

    @abstractmethod
    def _log_density(self, x: Tensor) -> Tensor: ...

    @abstractmethod
    def _log_mass(self, a: Tensor, b: Tensor, lowest: Tensor, highest: Tensor) -> Tensor:
        """log of the standardised mass between a and b; below b for the ``lowest`` level, above a
        for the ``highest``."""


@dataclass(frozen=True)
class Gaussian(LocationScale):
    """N(location, scale^2)."""

    def _log_density(self, x: Tensor) -> Tensor:
        return (
            -0.5 * (((x - self.location) / self.scale).square() + LOG_2PI) - self.bounded_log_scale
        )

    def _log_mass(self, a: Tensor, b: Tensor, lowest: Tensor, highest: Tensor) -> Tensor:
        upper = a + b > 0
        near, far = torch.where(upper, -a, b), torch.where(upper, -b, a)
        log_near = log_ndtr(near)
        inside = log_near + torch.log(-torch.expm1((log_ndtr(far) - log_near).clamp(max=-1e-7)))
        return torch.where(lowest, log_ndtr(b), torch.where(highest, log_ndtr(-a), inside))

    def quantile(self, u: Tensor) -> Tensor:
        z: Tensor = ndtri(u.double())
        return self.location + self.scale * z.float()


@dataclass(frozen=True)
class Logistic(LocationScale):
    """The logistic distribution: density e^{-u} / (s (1 + e^{-u})^2), u = (x - location) / s."""

    def _log_density(self, x: Tensor) -> Tensor:
        u = (x - self.location) / self.scale
        return logsigmoid(u) + logsigmoid(-u) - self.bounded_log_scale

    def _log_mass(self, a: Tensor, b: Tensor, lowest: Tensor, highest: Tensor) -> Tensor:
        assert self.bin_width is not None
        below, above = logsigmoid(b), logsigmoid(-a)
        width = torch.log(-torch.expm1(-self.bin_width / self.scale))
        return torch.where(lowest, below, torch.where(highest, above, below + above + width))

    def quantile(self, u: Tensor) -> Tensor:
        return self.location + self.scale * torch.logit(u.double()).float()
