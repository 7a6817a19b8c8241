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
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.capabilities import Array, Examples, LogProbKind, Scores
from ..core.hyper import hyper
from ..core.random import derive, normal
from ..prob.flowmap import exact_divergence, hutchinson, log_density, transport
from ..prob.gaussian import LOG_2PI, standard_log_prob
from ..prob.likelihood import Logistic
from ..prob.paths import Frame, Level
from ._coding import Coding
from ._diffusion import Diffusion

_NOISIEST = 160.0  # ratio of the first level where the path itself has no end
_EXACT = 64  # dimensions up to which the divergence is computed exactly
_FINEST, _FINEST_DISCRETE = 0.002, 0.02  # ratios at which the ODE ends
_CHUNK = 128  # examples scored at a time
_MEASURED = 512  # examples from which the decoder's width is measured


@dataclass(kw_only=True, eq=False, repr=False)
class FlowMap(Diffusion, Coding, Scores):
    """Data to noise and back along the probability-flow ODE. Codes have as many numbers as examples, N(0, 1) each."""

    ode_steps: int = hyper(24, "steps of Heun's method between data and noise, for codes and log p(x)", low=2)
    finest: float | None = hyper(None, "ratio of noise to data that the ODE ends at (default: .002, or .02 for discrete data)", low=1e-6, high=1)
    probes: int = hyper(1, "random probes of the divergence, beyond 64 dimensions", low=1)
    evaluation_samples: int = hyper(1, "draws of the noise that log P(x) of discrete data is averaged over", low=1)

    def settle(self, spec: Any) -> None:
        """``latent_dim_`` is the dimension of the data; ``finest_`` the ratio that the ODE ends at."""
        super().settle(spec)
        self.latent_dim_ = spec.dim
        self.finest_ = self.finest or (_FINEST if spec.bin_width is None else _FINEST_DISCRETE)

    @property
    def log_prob_kind(self) -> LogProbKind:
        """exact for continuous data of up to 64 dimensions, estimate beyond; bound for discrete data."""
        if self.spec_.bin_width is not None:
            return "bound"
        return "exact" if self.spec_.dim <= _EXACT else "estimate"

    def calibrate(self, data: Examples) -> None:
        """How far the expected x lies from x where the ODE ends: the width of the decoder of discrete data."""
        super().calibrate(data)
        if self.spec_.bin_width is not None:
            values = data.user(slice(0, _MEASURED))
            off = self._map(lambda x: (self._guess(x, 0) - x).square().mean(0, keepdim=True).expand(len(x), *x.shape[1:]), values)
            self.residuals.width.copy_(off.mean(0).sqrt())

    def score_samples(self, X: Any) -> Array:
        """log p(x) in nats, shape (n,); for discrete data a lower bound of the log-probability of the example.

        All examples share the same draws of noise and probes, so a score does not depend on what else is scored.
        """
        values = self._values(X)
        if self.spec_.bin_width is None:
            return (self._scored(self._log_density, values) + self.spec_.log_volume).numpy()
        draws = [self._scored(partial(self._log_probability, draw=k), values) for k in range(self.evaluation_samples)]
        return torch.stack(draws).mean(0).numpy()

    def interpolate(self, a: Any, b: Any, n: int = 8) -> Array:
        """``n`` examples on the great circle between the codes of two examples, both ends included: between Gaussian codes a straight line would pass
        through codes that are shorter than any."""
        za, zb = (torch.from_numpy(self.encode(one)[:1]) for one in (a, b))
        angle = torch.arccos((za * zb).sum() / (za.norm() * zb.norm()).clamp(min=1e-12)).clamp(1e-4, math.pi - 1e-4)
        t = torch.linspace(0, 1, n)[:, None]
        return self.decode(((torch.sin((1 - t) * angle) * za + torch.sin(t * angle) * zb) / torch.sin(angle)).numpy())

    def _encode(self, x: Tensor) -> Tensor:
        levels = self._levels()
        first, last = levels[0], levels[-1]
        noise = transport(self.denoiser(), first.alpha * self.units(x), levels, Frame.LINEAR)
        return noise.flatten(1) / math.hypot(last.alpha, last.sigma)

    def _decode(self, z: Tensor) -> Tensor:
        levels = self._levels()
        first, last = levels[0], levels[-1]
        noise = z.reshape(-1, *self.spec_.shape) * math.hypot(last.alpha, last.sigma)
        return self.units.inverse(transport(self.denoiser(), noise, levels[::-1], Frame.LINEAR) / first.alpha)

    def _levels(self) -> list[Level]:
        """From ``finest_`` to noise, even in arctan(sqrt(ratio)): the map is steepest at both ends, and so its errors are the least."""
        end = self.path.level(1.0)
        most = min(end.ratio, _NOISIEST)
        ratios = np.tan(np.linspace(math.atan(self.finest_**0.5), math.atan(most**0.5), self.ode_steps)) ** 2
        times = self.path.time(torch.from_numpy(ratios)).tolist()
        return [*(self.path.level(t) for t in times[:-1]), end] if most == end.ratio else [*map(self.path.level, times), end]

    def _scored(self, score: Callable[[Tensor], Tensor], values: Array) -> Tensor:
        """``score`` of examples in the user's units, a chunk at a time; the networks are in evaluation mode, and gradients may be taken."""
        chunk = _CHUNK if self.spec_.dim > _EXACT else max(1, _CHUNK * _EXACT // self.spec_.dim)
        parts = [self.spec_.to_internal(values[i : i + chunk]).to(self.device_) for i in range(0, len(values), chunk)]
        return torch.cat([score(part).detach().cpu() for part in parts])

    def _log_density(self, x: Tensor) -> Tensor:
        """log p(x) for each example, inside the spec's range."""
        first = self._levels()[0]
        jacobian = self.spec_.dim * (math.log(first.alpha) - float(self.units.scale.log()))
        return self._log_noisy(first.alpha * self.units(x)) + jacobian

    def _log_probability(self, x: Tensor, draw: int) -> Tensor:
        """A bound of log P(x), with noise number ``draw``."""
        first = self._levels()[0]
        eps = self._shared("score", draw, x)
        entropy = 0.5 * (eps.square().sum() + self.spec_.dim * LOG_2PI) + self.spec_.dim * math.log(first.sigma)
        noisy = first.alpha * self.units(x) + first.sigma * eps
        decoder = Logistic(self._guess(x, draw), self._log_width, self.spec_.bin_width)
        return self._log_noisy(noisy) + entropy + decoder.log_prob(x, event=x.ndim - 1)

    def _guess(self, x: Tensor, draw: int) -> Tensor:
        """D(x_t) at the first level, outside the networks' units, with noise number ``draw``."""
        first = self._levels()[0]
        noisy = first.alpha * self.units(x) + first.sigma * self._shared("score", draw, x)
        return self.units.inverse(self._expected(noisy, first))

    def _log_noisy(self, noisy: Tensor) -> Tensor:
        """log p of x_t at the first level."""
        levels = self._levels()
        spread = math.hypot(levels[-1].alpha, levels[-1].sigma)
        probes = torch.stack([self._shared("probe", k, noisy)[0].sign() for k in range(self.probes)])
        divergence = exact_divergence if self.spec_.dim <= _EXACT else lambda f, y: hutchinson(f, y, probes)
        prior = lambda z: standard_log_prob(z.flatten(1) / spread) - self.spec_.dim * math.log(spread)  # noqa: E731
        return log_density(self.denoiser(), noisy, levels, Frame.LINEAR, prior, divergence)

    @property
    def _log_width(self) -> Tensor:
        """log of the scale of a logistic distribution of the deviation measured, (*shape)."""
        return (self.residuals.width * (math.sqrt(3) / math.pi)).clamp(min=1e-6).log()

    def _shared(self, what: str, draw: int, x: Tensor) -> Tensor:
        """Standard normal noise (1, *shape) that all examples share."""
        return normal(derive(self.seed, what), draw, 1, self.spec_.shape).to(x)
