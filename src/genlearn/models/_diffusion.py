r"""Diffusion: corrupt data gradually until nothing but noise is left, learn to undo a little of it, and do that many times over.

**Forward.** At time t in [0, 1] an example x has become x_t = alpha(t) x + sigma(t) eps, eps ~ N(0, I); at t = 0 it is data, at t = 1 noise. alpha
and sigma are the *path* (`prob.paths`). Only the ratio sigma/alpha matters for what can be known of x; a change of path is a change of coordinates.

**Learning.** A network sees x_t and the ratio and is asked for a combination a x + b eps, the *target* (`prob.targets`): the noise, the data, a
velocity. By least squares it learns the expected one, so every target tells the same: D(x_t) = E[x | x_t], the best guess of the clean example. By
Tweedie's formula it also is the score of the noisy data, grad log p_t(x_t) = (alpha D - x_t) / sigma^2.

**Reverse.** Starting from noise, a *sampler* (`prob.samplers`) steps through falling t and asks at each for D. The same dynamics without fresh noise
is an ordinary differential equation: it maps noise to data one to one, which gives codes and log p(x) too.

A model is a path, a target, a law of the times at which to train, and a sampler: Ho, Jain & Abbeel 2020 (arXiv 2006.11239); Song et al. 2021 (arXiv
2011.13456); Karras et al. 2022 (arXiv 2206.00364); Lipman et al. 2022 (arXiv 2210.02747).

Inside, data is centred for each channel and has standard deviation ``spread`` (`nets.units`), whatever the data: 0.5 by default, that of the images
in [-1, 1] for which the papers chose their levels of noise.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from ..core.capabilities import Array, Examples
from ..core.errors import UserError
from ..core.hyper import Among, Between, hyper
from ..core.random import derive
from ..core.spec import DataSpec
from ..engine.device import autocast
from ..nets.condition import Given
from ..nets.denoisers import Design, default_network
from ..nets.reading import Text
from ..nets.units import Residuals, Units
from ..prob.guidance import guided
from ..prob.paths import Level, Path
from ..prob.samplers import Denoiser
from ..prob.targets import Target
from ..prob.times import stratified
from ._captions import Captions
from .base import SingleLoss, evaluating

_MEASURED, _NUMBERS = 10_000, 2**26  # examples from which the scale is measured, and numbers in them at most
STRENGTHS = tuple(np.geomspace(0.03, 6.0, 12).tolist())  # of noise at which the residual is measured, in standard deviations of the data
_LOG_RATIO = (-8.0, 4.0)  # beyond, levels look alike to the network: there is little noise to take away, or little to know of x


@dataclass(kw_only=True, eq=False, repr=False)
class Diffusion(SingleLoss, Captions):
    """min E w(t) ||F(x_t, t) - (a x + b eps)||^2 over t, x and eps: the objective, and the denoiser D that it gives."""

    network: Literal["auto", "unet", "transformer", "mlp"] = hyper("auto", "kind of network (auto: unet for images, mlp for tables)")
    width: int | None = hyper(None, "channels of the network at its widest grid (default: by size)", low=8)
    spread: float = hyper(0.5, "standard deviation of the data inside, beside noise of 1", low=1e-3)
    label_dropout: float = hyper(0.1, "share of examples whose class or caption is withheld: guidance, codes and log p(x) need it", low=0.01, high=1)
    optimizer: Literal["adamw", "muon"] = hyper("muon", "how the gradient moves the weights")
    lr: float = hyper(4e-3, "learning rate at its highest", low=1e-9, search=Between(5e-4, 1e-2, log=True))
    size: Literal["tiny", "small", "base", "large"] = hyper(
        "small", "one dial: width and depth of the networks, number of steps", search=Among("tiny", "small", "base")
    )

    @property
    @abstractmethod
    def path(self) -> Path:
        """alpha and sigma by t."""

    @property
    @abstractmethod
    def target(self) -> Target:
        """What the network is asked for."""

    @abstractmethod
    def times(self, u: Tensor) -> Tensor:
        """Times t at which to train, from uniforms ``u``, both (B,)."""

    def weight(self, alpha: Tensor, sigma: Tensor) -> Tensor | float:
        """What squared errors of the target are multiplied by at a level."""
        return 1.0

    def noise(self, x: Tensor) -> Tensor:
        """eps for each example of a batch."""
        return torch.randn_like(x)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for a network that does not suit, and for classes that are not there."""
        super().check_data(spec)
        if self.network in ("unet", "transformer") and default_network(spec.shape) == "mlp":
            raise UserError(f"network={self.network!r} needs images of at least 4x4; examples here have shape {spec.user_shape}; take mlp")
        if self.network == "transformer" and (self.width or 32) % 32:
            raise UserError(f"width={self.width} was given; a transformer's width is a multiple of 32, one head for each")

    def settle(self, spec: DataSpec) -> None:
        """``spread_`` is the standard deviation of the data that the networks see."""
        super().settle(spec)
        self.spread_ = self.spread

    @property
    def frequencies_(self) -> Tensor:
        return self.units.frequencies

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        units, residuals = Units(spec.shape, self.spread_, len(self.classes_in_)), Residuals(spec.shape, len(STRENGTHS))
        return {"denoiser": self.denoising(spec.shape), "units": units, "residuals": residuals, **super().build(spec)}

    def denoising(self, shape: tuple[int, ...]) -> nn.Module:
        """A new network for x (B, *shape)."""
        network = default_network(shape) if self.network == "auto" else self.network
        text = self.token_numbers_ if self.condition_ == "text" else 0
        return Design(shape, network, self.size, self.width, len(self.classes_in_), text).build()

    def subject(self, x: Tensor) -> Tensor:
        """What is learned of examples ``x``, outside the networks' units: they themselves, if nothing else is said."""
        return x

    def measure(self, data: Examples) -> None:
        """Centre and scale of the data, and how often its classes occur."""
        super().measure(data)
        x, labels = data.batch(self._some(data, min(_MEASURED, max(2, _NUMBERS // data.spec.dim))))
        self.units.fill(self.subject(x.to(self.device_)), None if labels is None else labels.to(self.device_))

    def _some(self, data: Examples, count: int) -> Array:
        """Indices of ``count`` examples from all over the data, which may be sorted."""
        return np.sort(np.random.default_rng(derive(self.seed, "measure")).permutation(len(data))[:count])

    def spread_at(self, level: Level) -> float:
        """The standard deviation of x_t."""
        return math.hypot(level.alpha * self.spread_, level.sigma)

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Weighted squared error for each number of the target; some of the classes or captions ``y`` are withheld."""
        return self.error(self.units(x), self._withheld(y))

    def error(self, x: Tensor, given: Given | None) -> Tensor:
        """The same for examples inside the networks' units, and what is told of them."""
        eps, t = self.noise(x), self.times(stratified(len(x))).to(x)
        alpha, sigma = (like(part, x) for part in (self.path.alpha(t), self.path.sigma(t)))
        out = self._output(alpha * x + sigma * eps, alpha, sigma, given)
        return (self.weight(alpha, sigma) * (out - self.target.of(x, eps, alpha, sigma)).square()).mean()

    def denoiser(
        self, given: Given | None = None, guidance: float = 1.0, interval: tuple[float, float] = (0.0, 1.0), against: Given | None = None
    ) -> Denoiser:
        """D(x_t, level) for examples of which classes or captions are ``given``, or of any; inside the networks' units. Guidance leads away from
        ``against``, by default from any."""
        if given is None:
            return self._expected
        return guided(lambda x, level: self._expected(x, level, given), lambda x, level: self._expected(x, level, against), guidance, interval)

    @property
    def units(self) -> Units:
        return cast(Units, self.networks_["units"])

    @property
    def residuals(self) -> Residuals:
        return cast(Residuals, self.networks_["residuals"])

    def _expected(self, x: Tensor, level: Level, given: Given | None = None) -> Tensor:
        """E[x | x_t = ``x``]."""
        alpha, sigma = (x.new_full((len(x),), part) for part in (level.alpha, level.sigma))
        return self._expected_at(x, alpha, sigma, given)

    def _expected_at(self, x: Tensor, alpha: Tensor, sigma: Tensor, given: Given | None = None) -> Tensor:
        """E[x | x_t = ``x``], each example at a level of its own: alpha and sigma (B,)."""
        alpha, sigma = like(alpha, x), like(sigma, x)
        return self.target.denoised(self._output(x, alpha, sigma, given), x, alpha, sigma)

    def _output(self, x: Tensor, alpha: Tensor, sigma: Tensor, given: Given | None) -> Tensor:
        """What the network says of x_t."""
        log_ratio = (sigma.log() - alpha.log()).flatten().clamp(*_LOG_RATIO)
        out: Tensor = self.networks_["denoiser"](self.target.input_scale(alpha, sigma) * x, log_ratio, given)
        return out.to(x.dtype)

    def _withheld(self, y: Tensor | None) -> Tensor | Text | None:
        """The classes or captions of a batch, some of them replaced by "any"."""
        if self.condition_ == "none":
            return None
        assert y is not None
        withheld = torch.rand(len(y), device=y.device) < self.label_dropout
        if self.condition_ == "label":
            return torch.where(withheld, len(self.classes_in_), y)
        text = self.read(y)
        return Text(text.tokens, text.mask & ~withheld[:, None])

    @contextmanager
    def _sampling(self) -> Iterator[None]:
        """Inside, the networks are in evaluation mode and as fast as the hardware allows; ``decode`` and log p(x) take full precision instead."""
        with evaluating(self.networks_), autocast(self.precision, self.device_, self.spec_):
            yield


def like(value: Tensor, x: Tensor) -> Tensor:
    """(B,) to (B, 1, ...), to broadcast against ``x``."""
    return value.reshape(-1, *(1,) * (x.ndim - 1))
