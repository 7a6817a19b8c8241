"""All that a trained denoiser can do, as a model: samples, codes, log p(x), denoising and
inpainting.

Each ability is a function of the denoiser (`prob`); what stands here is the border: the user's
units, noise named by seed and number, and the model's own settings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from ...core.capabilities import (
    Array,
    DatasetProtocol,
    HasFeatures,
    LogProbKind,
    Restores,
    Scores,
)
from ...core.errors import UserError
from ...core.panels import Panel
from ...core.params import param
from ...core.seeding import normal, seed_for
from ...core.spec import DataSpec, ImageSpec
from ...nets.data_normalizer import DenoisingResiduals
from ...prob.bounds import importance_bound
from ...prob.diffusion.diffusion_likelihood import DiffusionLikelihood
from ...prob.diffusion.probability_flow import ProbabilityFlow, great_circle
from .._encoding import EncoderModel
from .._mask import broadcast_mask
from ._anchor import MAX_DIM
from ._features import extraction, feature_times, layers_of
from ._panels import diffusion_panels
from ._restoration import STRENGTHS, Restoration
from ._sampling import ReverseProcess

# dimensions up to which the divergence is computed exactly; convolutions are costly
_EXACT, _EXACT_IMAGE = 64, 16
_MIN_RATIO, _MIN_RATIO_DISCRETE = 0.002, 0.04  # ratios at which the ODE ends
# least ratio in widths of a discrete level: with less noise, the density is all peaks
_OF_CELL = 0.75
_SCORED, _INPAINTED = 128, 256  # examples scored and filled in at a time
# examples from which the decoder's width and the residuals are measured
_WIDTH, _RESIDUALS = 512, 64
_INPAINTING_STEPS = 24


@dataclass(kw_only=True, eq=False, repr=False)
class DiffusionModel(ReverseProcess, EncoderModel, HasFeatures, Scores, Restores):
    """Samples, codes, log p(x), denoising and inpainting from one denoiser. Codes have as many
    numbers as examples, N(0, 1) each."""

    anchor: Literal["mixture", "none"] = param(
        "mixture",
        "what the network begins as, to learn the rest (mixture: the data's best Gaussian mixture)",
    )
    ode_steps: int = param(
        32, "steps of Heun's method between data and noise, for codes and log p(x)", low=1
    )
    min_noise_ratio: float | None = param(
        None,
        "ratio sigma/alpha that the ODE ends at (default: .002; more for discrete data, by its"
        " levels)",
        low=1e-6,
        high=1,
    )
    probes: int = param(
        1,
        "random probes of the divergence, where there are more than 64 numbers (images: 16)",
        low=1,
    )
    evaluation_samples: int = param(
        1, "draws of the noise that P(x) of discrete data is averaged over", low=1
    )
    repaint_resamples: int = param(
        4,
        "how often each step of inpainting goes back and forth, so that the new agrees with"
        " the old",
        low=1,
    )

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        return {**super().build(spec), "residuals": DenoisingResiduals(spec.shape, len(STRENGTHS))}

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``latent_dim_`` is the dimension of the data."""
        super().resolve_hyperparameters(spec)
        self.anchored_ = self.anchor == "mixture" and spec.dim <= MAX_DIM and not self.foreign_
        self.latent_dim_ = spec.dim
        self._stated = self.min_noise_ratio

    # Codes and log p(x)

    @property
    def probability_flow(self) -> ProbabilityFlow:
        """The map between data and codes, inside the networks' units."""
        return ProbabilityFlow.through(self.denoiser, self.min_noise_ratio_, self.ode_steps)

    @property
    def min_noise_ratio_(self) -> float:
        """The ratio that the ODE ends at: as stated, or by the width of the levels of discrete
        data; no less than the schedule has."""
        width = self.spec_.bin_width
        usual = (
            _MIN_RATIO
            if width is None
            else max(_MIN_RATIO_DISCRETE, _OF_CELL * width / float(self.normalizer.scale))
        )
        return max(self._stated or usual, self.schedule.level(0.0).ratio)

    @property
    def log_prob_kind(self) -> LogProbKind:
        """exact for continuous data of up to 64 numbers (images: 16), estimate beyond; bound for
        discrete images, and for tables that are dequantised."""
        if self.spec_.bin_width is not None:
            return "bound"
        if not self._exact:
            return "estimate"
        return "bound" if self.spec_.dequantised else "exact"

    def encode_tensor(self, x: Tensor) -> Tensor:
        return self.probability_flow.encode(self.normalizer(x)).flatten(1)

    def decode_tensor(self, z: Tensor) -> Tensor:
        return self.normalizer.inverse(
            self.probability_flow.decode(z.reshape(-1, *self.spec_.shape))
        )

    def interpolate(self, a: Any, b: Any, n: int = 8) -> Array:
        """``n`` examples on the great circle between the codes of two examples, both ends included:
        between Gaussian codes a straight line would pass through codes that are shorter than
        any."""
        za, zb = (torch.from_numpy(self.encode(one)[:1]) for one in (a, b))
        return self.decode(great_circle(za, zb, torch.linspace(0, 1, n)[:, None]).numpy())

    @property
    def feature_layers_(self) -> tuple[str, ...]:
        return layers_of(self.networks_["denoiser"])

    @property
    def feature_times_(self) -> tuple[float, ...]:
        return feature_times(self.schedule, self.sigma_data_)

    def layer_features(self, X: Any, layers: Sequence[str], t: float) -> dict[str, Array]:
        for layer in layers:
            self.check_feature(layer, t)
        noise = self._noise(seed_for(self.seed, "features"), 0, 1, 0)
        found = self._map_each(extraction(self.denoiser, layers, t, noise), self._values(X))
        return {layer: part.numpy() for layer, part in found.items()}

    def score_samples(self, X: Any) -> Array:
        """log p(x) in nats, shape (n,); for discrete data a lower bound of the log-probability of
        the example.

        Noise and probes are named by the content of an example, so a score does not depend on what
        else is scored.
        """
        values, likelihood = self._values(X), self._likelihood
        if self.spec_.bin_width is None:
            log_p = self._scored(likelihood.log_density, values)
            return (log_p + self.spec_.log_volume(values)).numpy()
        draws = [
            self._scored(partial(likelihood.log_probability, draw=k), values)
            for k in range(self.evaluation_samples)
        ]
        bounds = torch.stack(draws)  # the noise of probes would be averaged to more than the bound
        return (importance_bound(bounds) if self._exact else bounds.mean(0)).numpy()

    @property
    def _likelihood(self) -> DiffusionLikelihood:
        return DiffusionLikelihood(
            self.probability_flow,
            self.normalizer,
            self.spec_.bin_width,
            self.residuals.width,
            self._content_noise,
            None if self._exact else self.probes,
        )

    def _scored(self, score: Callable[[Tensor], Tensor], values: Array) -> Tensor:
        """``score`` of examples in the user's units, a chunk at a time; gradients may be taken."""
        chunk = max(1, _SCORED * _EXACT // self.spec_.dim) if self._exact else _SCORED
        parts = [
            self.spec_.to_internal(values[i : i + chunk]).to(self.device_)
            for i in range(0, len(values), chunk)
        ]
        return torch.cat([score(part).detach().cpu() for part in parts])

    @property
    def _exact(self) -> bool:
        """Whether the divergence is computed exactly."""
        return self.spec_.dim <= (_EXACT_IMAGE if isinstance(self.spec_, ImageSpec) else _EXACT)

    def _content_noise(self, what: str, draw: int, x: Tensor) -> Tensor:
        """Standard normal noise like ``x``, for each example named by its content: its score
        depends on it alone, and the mean over examples is one over noises too."""
        names = [
            seed_for(self.seed, what, draw, blake2b(row.numpy().tobytes()).hexdigest())
            for row in x.cpu()
        ]
        return torch.cat([normal(name, 0, 1, self.spec_.shape) for name in names]).to(x)

    # Restoration

    @property
    def _restoration(self) -> Restoration:
        return Restoration(self.denoiser, self.normalizer, self.residuals, self.spec_)

    def panels(self, data: DatasetProtocol) -> list[Panel]:
        return diffusion_panels(self, data)

    def post_training(self, data: DatasetProtocol) -> None:
        """The residuals of each strength of noise, by which it is recognised; the width of the
        decoder of discrete data."""
        super().post_training(data)
        x = self._map(self.normalizer, data.user(self.some(data, _RESIDUALS))).to(self.device_)
        eps = normal(seed_for(self.seed, "residual"), 0, len(x), self.spec_.shape).to(x)
        with self.sampling():
            self._restoration.measure(x, eps)
        if self.spec_.bin_width is not None:
            values = data.user(self.some(data, _WIDTH))
            self.residuals.width.copy_(self._map(self._square_error, values).mean(0).sqrt())

    def _square_error(self, x: Tensor) -> Tensor:
        """Of D where the ODE ends, each example under noise of its own: a width fitted to the noise
        scored with would be too narrow."""
        eps = normal(seed_for(self.seed, "width"), 0, len(x), self.spec_.shape).to(x)
        return (self._likelihood.expected(x, eps) - x).square()

    def denoise(self, X: Any, noise: float | None = None) -> Array:
        """The expected clean examples, E[x | X]. ``noise``: the standard deviation of the Gaussian
        noise on them, in the user's units for images and in standard deviations of each column for
        tables; None: estimated for each. Raises `UserError` below 0."""
        values = self._values(X)
        if noise is not None and not 0 <= noise < math.inf:
            raise UserError(f"noise={noise} was given; it is a standard deviation, at least 0")
        if noise == 0:
            return self.spec_.to_user(self._map(lambda x: x, values))
        return self.spec_.to_user(self._map(partial(self._restoration.clean, noise=noise), values))

    def estimate_noise(self, X: Any) -> Array:
        """The standard deviation of the noise on each example, (n,), as estimated; in the units of
        `denoise`."""
        return self._map(self._restoration.noise, self._values(X)).numpy()

    def denoising_errors(self, X: Any, noise: Sequence[float], *, draws: int = 1) -> Array:
        """Mean squared error for each number, (n, levels), in variances of the data; ``noise`` is
        in its standard deviations, and the same ``draws`` of it befall all examples, in pairs
        eps and -eps, whose chances partly cancel."""
        values, restoration = self._values(X), self._restoration
        errors = []
        with self.sampling():
            for strength in noise:
                name = seed_for(self.seed, "denoising error", f"{strength:g}")
                draw = partial(self._noise, name, 0, 1)
                error = partial(restoration.errors, strength=strength, noise=draw, draws=draws)
                errors.append(self._map(error, values))
        return torch.stack(errors, 1).double().numpy()

    def inpaint(self, X: Any, mask: Any, *, seed: int | None = None) -> Array:
        """Examples ``X`` with new values where ``mask`` is true, drawn to fit the rest, which stays
        as it is.

        ``mask``: of the shape of an example or of its height and width, one for all or one for
        each. Raises `UserError` for another.
        """
        values = self._values(X)
        missing = broadcast_mask(mask, values)
        name = seed_for(self.seed if seed is None else seed, "inpaint")
        filled = []
        for first in range(0, len(values), _INPAINTED):
            part = slice(first, first + _INPAINTED)
            known = self._map(self.normalizer, values[part]).to(self.device_)
            draw = partial(self._noise, name, first, len(known))
            with self.sampling():
                x = self._restoration.fill(
                    known,
                    missing[part],
                    self.schedule.levels(_INPAINTING_STEPS),
                    draw,
                    self.repaint_resamples,
                )
            filled.append(self._outside(x))
        return np.where(missing, self.spec_.to_user(torch.cat(filled)), values)

    def _noise(self, name: int, start: int, n: int, step: int) -> Tensor:
        return normal(seed_for(name, step), start, n, self.spec_.shape).to(self.device_)

    @property
    def residuals(self) -> DenoisingResiduals:
        return cast(DenoisingResiduals, self.networks_["residuals"])
