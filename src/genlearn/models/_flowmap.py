r"""The probability-flow ODE of a diffusion model: codes, and log p(x).

Without fresh noise the reverse process is an ordinary differential equation (Song et al. 2021, arXiv 2011.13456) that maps data to noise one to one.
The noise is the code of an example; the change of volume along the way gives its density:

    log p(x) = log N(z; 0, I) + log |det dz/dx|.

**Discrete data** has no density but probabilities. A little noise of ratio r is added, and the last step back is a decoder (Zheng et al. 2023, arXiv
2305.03935, "truncated-normal dequantisation"; Ho et al. 2020, section 3.3):

    log P(x) >= E_q [log p_r(x_r) - log q(x_r|x) + log P(x|D(x_r))],    q(x_r|x) = N(alpha x, sigma^2 I),

P(x|D) a logistic distribution around D of a width measured for each number of x, integrated over the level's cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.capabilities import Array, Examples, LogProbKind, Scores
from ..core.hyper import hyper
from ..core.random import derive, normal
from ..core.spec import ImageSpec
from ..prob.bounds import importance
from ..prob.flowmap import exact_divergence, hutchinson, log_density, transport
from ..prob.gaussian import LOG_2PI, standard_log_prob
from ..prob.likelihood import Logistic
from ..prob.paths import Frame, Level
from ._coding import Coding
from ._diffusion import Diffusion

_NOISIEST = 160.0  # ratio that is as good as noise alone; beyond, errors of D grow and nothing is learned of x
_EXACT, _EXACT_IMAGE = 64, 16  # dimensions up to which the divergence is computed exactly; convolutions are costly
_FINEST, _FINEST_DISCRETE = 0.002, 0.04  # ratios at which the ODE ends
_OF_CELL = 0.75  # least ratio in widths of a discrete level: with less noise, the density is all peaks
_CHUNK = 128  # examples scored at a time
_MEASURED = 512  # examples from which the decoder's width is measured


@dataclass(kw_only=True, eq=False, repr=False)
class FlowMap(Diffusion, Coding, Scores):
    """Data to noise and back along the probability-flow ODE. Codes have as many numbers as examples, N(0, 1) each."""

    ode_steps: int = hyper(32, "steps of Heun's method between data and noise, for codes and log p(x)", low=1)
    finest: float | None = hyper(
        None, "ratio sigma/alpha that the ODE ends at (default: .002; more for discrete data, by its levels)", low=1e-6, high=1
    )
    probes: int = hyper(1, "random probes of the divergence, where there are more than 64 numbers (images: 16)", low=1)
    evaluation_samples: int = hyper(1, "draws of the noise that P(x) of discrete data is averaged over", low=1)

    def settle(self, spec: Any) -> None:
        """``latent_dim_`` is the dimension of the data."""
        super().settle(spec)
        self.latent_dim_ = spec.dim
        self._stated = self.finest

    @property
    def finest_(self) -> float:
        """The ratio that the ODE ends at: as stated, or by the width of the levels of discrete data; no less than the path has."""
        width = self.spec_.bin_width
        usual = _FINEST if width is None else max(_FINEST_DISCRETE, _OF_CELL * width / float(self.units.scale))
        return max(self._stated or usual, self.path.level(0.0).ratio)

    @property
    def log_prob_kind(self) -> LogProbKind:
        """exact for continuous data of up to 64 numbers (images: 16), estimate beyond; bound for discrete data."""
        if self.spec_.bin_width is not None:
            return "bound"
        return "exact" if self._exact else "estimate"

    def calibrate(self, data: Examples) -> None:
        """How far the expected x lies from x where the ODE ends: the width of the decoder of discrete data."""
        super().calibrate(data)
        if self.spec_.bin_width is not None:
            self.residuals.width.copy_(self._map(self._square_error, data.user(self._some(data, _MEASURED))).mean(0).sqrt())

    def score_samples(self, X: Any) -> Array:
        """log p(x) in nats, shape (n,); for discrete data a lower bound of the log-probability of the example.

        Noise and probes are named by the content of an example, so a score does not depend on what else is scored.
        """
        values = self._values(X)
        if self.spec_.bin_width is None:
            return (self._scored(self._log_density, values) + self.spec_.log_volume).numpy()
        draws = torch.stack([self._scored(partial(self._log_probability, draw=k), values) for k in range(self.evaluation_samples)])
        return (importance(draws) if self._exact else draws.mean(0)).numpy()  # the noise of probes would be averaged to more than the bound

    def interpolate(self, a: Any, b: Any, n: int = 8) -> Array:
        """``n`` examples on the great circle between the codes of two examples, both ends included: between Gaussian codes a straight line would pass
        through codes that are shorter than any."""
        za, zb = (torch.from_numpy(self.encode(one)[:1]) for one in (a, b))
        return self.decode(_arc(za, zb, torch.linspace(0, 1, n)[:, None]).numpy())

    def _encode(self, x: Tensor) -> Tensor:
        levels = self._levels()
        first, last = levels[0], levels[-1]
        noise = transport(self.denoiser(), first.alpha * self.units(x), levels, Frame.LINEAR)
        return noise.flatten(1) / self.spread_at(last)

    def _decode(self, z: Tensor) -> Tensor:
        levels = self._levels()
        first, last = levels[0], levels[-1]
        noise = z.reshape(-1, *self.spec_.shape) * self.spread_at(last)
        return self.units.inverse(transport(self.denoiser(), noise, levels[::-1], Frame.LINEAR) / first.alpha)

    def _levels(self) -> list[Level]:
        """From ``finest_`` to noise, even in arctan(sqrt(ratio)): the map is steepest at both ends, and so its errors are the least."""
        most = min(self.path.level(1.0).ratio, _NOISIEST)
        ratios = np.tan(np.linspace(math.atan(self.finest_**0.5), math.atan(most**0.5), self.ode_steps + 1)) ** 2
        times = self.path.time(torch.from_numpy(ratios)).tolist()
        return [self.path.level(t) for t in times]

    def _scored(self, score: Callable[[Tensor], Tensor], values: Array) -> Tensor:
        """``score`` of examples in the user's units, a chunk at a time; the networks are in evaluation mode, and gradients may be taken."""
        chunk = max(1, _CHUNK * _EXACT // self.spec_.dim) if self._exact else _CHUNK
        parts = [self.spec_.to_internal(values[i : i + chunk]).to(self.device_) for i in range(0, len(values), chunk)]
        return torch.cat([score(part).detach().cpu() for part in parts])

    def _log_density(self, x: Tensor) -> Tensor:
        """log p(x) for each example, inside the spec's range."""
        first = self._levels()[0]
        jacobian = self.spec_.dim * (math.log(first.alpha) - float(self.units.scale.log()))
        return self._log_noisy(first.alpha * self.units(x)) + jacobian

    def _log_probability(self, x: Tensor, draw: int) -> Tensor:
        """A bound of log P(x), with noise number ``draw``."""
        first, eps = self._levels()[0], self._noise("score", draw, x)
        entropy = 0.5 * (eps.square().flatten(1).sum(1) + self.spec_.dim * LOG_2PI) + self.spec_.dim * math.log(first.sigma)
        noisy = first.alpha * self.units(x) + first.sigma * eps
        decoder = Logistic(self._guess(noisy), self._log_width, self.spec_.bin_width)
        return self._log_noisy(noisy) + entropy + decoder.log_prob(x, event=x.ndim - 1)

    def _guess(self, noisy: Tensor) -> Tensor:
        """D(x_t) at the first level, outside the networks' units."""
        return self.units.inverse(self._expected(noisy, self._levels()[0]))

    def _square_error(self, x: Tensor) -> Tensor:
        """Of D at the first level: each example under noise of its own, since a width fitted to the noise that is scored with would be too narrow."""
        first, eps = self._levels()[0], normal(derive(self.seed, "width"), 0, len(x), self.spec_.shape).to(x)
        return (self._guess(first.alpha * self.units(x) + first.sigma * eps) - x).square()

    def _log_noisy(self, noisy: Tensor) -> Tensor:
        """log p of x_t at the first level."""
        levels = self._levels()
        spread = self.spread_at(levels[-1])
        divergence = exact_divergence if self._exact else partial(hutchinson, probes=self._probes(noisy))
        prior = lambda z: standard_log_prob(z.flatten(1) / spread) - self.spec_.dim * math.log(spread)  # noqa: E731
        return log_density(self.denoiser(), noisy, levels, Frame.LINEAR, prior, divergence)

    @property
    def _exact(self) -> bool:
        """Whether the divergence is computed exactly."""
        return self.spec_.dim <= (_EXACT_IMAGE if isinstance(self.spec_, ImageSpec) else _EXACT)

    def _probes(self, x: Tensor) -> Tensor:
        """Signs, (probes, *x.shape)."""
        return torch.stack([self._noise("probe", k, x).sign() for k in range(self.probes)])

    @property
    def _log_width(self) -> Tensor:
        """log of the scale of a logistic distribution of the deviation measured, (*shape)."""
        return (self.residuals.width * (math.sqrt(3) / math.pi)).clamp(min=1e-6).log()

    def _noise(self, what: str, draw: int, x: Tensor) -> Tensor:
        """Standard normal noise like ``x``, for each example named by its content: its score depends on it alone, and the mean over examples is one
        over noises too."""
        names = [derive(self.seed, what, draw, blake2b(row.numpy().tobytes()).hexdigest()) for row in x.cpu()]
        return torch.cat([normal(name, 0, 1, self.spec_.shape) for name in names]).to(x)


def _arc(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """From ``a`` to ``b`` at an even angle, and at a length that changes evenly."""
    first, last = (one.norm().clamp(min=1e-12) for one in (a, b))
    a, b = a / first, b / last
    angle = torch.arccos((a * b).sum().clamp(-1, 1)).clamp(1e-4, math.pi - 1e-4)
    direction = (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)
    return direction * torch.lerp(first, last, t)
