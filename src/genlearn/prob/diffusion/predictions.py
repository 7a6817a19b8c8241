r"""What a denoising network is trained to predict: a x + b eps, with weights a, b that depend on
alpha and sigma.

Beside x_t = alpha x + sigma eps it is a second equation in x and eps, so that every prediction
holds the same answer:

    x = (sigma out - b x_t) / (a sigma - b alpha)

Predictions differ in how errors of the network are scaled over the levels, which is a weighting of
one loss (Salimans & Ho 2022, arXiv 2202.00512). A level's alpha and sigma are numbers, or tensors
that broadcast against x.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor

from .schedules import NoiseLevel

Scale = Tensor | float


@dataclass(frozen=True)
class Prediction(ABC):
    """What the network is asked for: a x + b eps."""

    @abstractmethod
    def weights(self, level: NoiseLevel) -> tuple[Scale, Scale]:
        """(a, b)."""

    def target(self, x: Tensor, eps: Tensor, level: NoiseLevel) -> Tensor:
        """Of a pair: like x."""
        a, b = self.weights(level)
        return a * x + b * eps

    def denoised(self, out: Tensor, x_t: Tensor, level: NoiseLevel) -> Tensor:
        """The expected x that a network's output means: like x."""
        _, b = self.weights(level)
        x: Tensor = (level.sigma * out - b * x_t) / self._determinant(level)
        return x

    def noise_gain(self, level: NoiseLevel) -> Scale:
        """How large an error of eps = (x_t - alpha x) / sigma an error of the network's output
        means, for each unit of it."""
        gain: Scale = level.alpha / self._determinant(level)
        return gain

    def output_gain(self, level: NoiseLevel) -> Scale:
        """How large an error of the network's output an error of x means, for each unit of it."""
        gain: Scale = self._determinant(level) / level.sigma
        return gain

    def input_scale(self, level: NoiseLevel) -> Scale:
        """What multiplies x_t before the network sees it."""
        return 1.0

    def _determinant(self, level: NoiseLevel) -> Scale:
        """Of the two equations in x and eps."""
        a, b = self.weights(level)
        determinant: Scale = a * level.sigma - b * level.alpha
        return determinant


@dataclass(frozen=True)
class EpsPrediction(Prediction):
    """eps: Ho et al. 2020, arXiv 2006.11239. Needs alpha > 0: pure noise holds no answer about
    x."""

    def weights(self, level: NoiseLevel) -> tuple[Scale, Scale]:
        return 0.0, 1.0


@dataclass(frozen=True)
class X0Prediction(Prediction):
    """x itself."""

    def weights(self, level: NoiseLevel) -> tuple[Scale, Scale]:
        return 1.0, 0.0

    def denoised(self, out: Tensor, x_t: Tensor, level: NoiseLevel) -> Tensor:
        return out


@dataclass(frozen=True)
class VPrediction(Prediction):
    """alpha eps - sigma x, the velocity along the angle atan(sigma / alpha): Salimans & Ho 2022,
    arXiv 2202.00512."""

    def weights(self, level: NoiseLevel) -> tuple[Scale, Scale]:
        return -level.sigma, level.alpha


@dataclass(frozen=True)
class VelocityPrediction(Prediction):
    """eps - x, the velocity of the linear path: Lipman et al. 2022, arXiv 2210.02747."""

    def weights(self, level: NoiseLevel) -> tuple[Scale, Scale]:
        return -1.0, 1.0


@dataclass(frozen=True)
class EDMPreconditioning(Prediction):
    r"""F of D = c_skip y + c_out F(c_in y), y = x_t / alpha, s = sigma / alpha: Karras et al. 2022,
    arXiv 2206.00364, table 1.

        c_skip = d^2 / (s^2 + d^2),   c_out = s d / sqrt(s^2 + d^2),
        c_in = 1 / sqrt(s^2 + d^2),   d = ``sigma_data`` > 0

    For data of standard deviation d the input and the target have unit variance at every level, and
    errors of F are amplified least. With d = 1 on a variance-preserving path F is minus
    `VPrediction`.
    """

    sigma_data: float

    def weights(self, level: NoiseLevel) -> tuple[Scale, Scale]:
        """a = (1 - c_skip) / c_out, b = -s c_skip / c_out, in alpha and sigma: no division by alpha
        is left."""
        scale = self.input_scale(level)
        return level.sigma / self.sigma_data * scale, -self.sigma_data * level.alpha * scale

    def input_scale(self, level: NoiseLevel) -> Scale:
        """c_in / alpha."""
        scale: Scale = (level.alpha**2 * self.sigma_data**2 + level.sigma**2) ** -0.5
        return scale
