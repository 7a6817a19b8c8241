r"""Super-resolution: the distribution of large images given small ones.

A small image leaves open what its details were; a diffusion model that sees it beside the noisy
large one draws them. What is learned is the difference to the small image stretched, so that what
the small image tells need not be learned again:

    r = x - u,    u = stretch(shrink(x) + s eps'),    D(r_t, u, s) = E[r | r_t, u, s].

**Noise on the small image.** What is enlarged later may be samples, with faults that no shrunk
image has. So the small image is given noise of a random strength s in training, and s is told to
the network, which learns to take from it no more than can be trusted. When enlarging, a little
noise covers faults of about its strength, and details are drawn in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, Unpack

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ...core.capabilities import Array, SuperResolves
from ...core.errors import UserError
from ...core.options import EnlargingOptions
from ...core.params import inherited, param
from ...core.processes import noise_like, uniform_rows
from ...core.seeding import normal, seed_for
from ...core.spec import DataSpec, ImageSpec
from ...data import open_data
from ...data.downsample import downsample, downsample_dataset, downsampled_spec, upsample
from ...nets.layers.conditioning import ConcatConditioning, ImageConditioning
from ...prob.diffusion.predictions import EDMPreconditioning, Prediction
from ...prob.diffusion.schedules import LinearSchedule, Schedule, expand_like
from ...prob.diffusion.time_sampling import logit_normal, stratified_uniform
from .._drawing import NoiseStream
from ._denoising import DenoisingModel
from ._sampling_config import SamplingConfig

_CHUNK = 128  # images enlarged at a time


@dataclass(kw_only=True, eq=False, repr=False)
class Upscale(DenoisingModel, SuperResolves):
    r"""Super-resolution: diffusion of r = x - u, u = stretch(shrink(x) + s eps'), given u and s,
    on the linear schedule of flow matching.

    Ho, Saharia, Chan, Fleet, Norouzi & Salimans 2021, "Cascaded diffusion models for high fidelity
    image generation", arXiv 2106.15282 (noise conditioning augmentation); Saharia et al. 2022,
    arXiv 2205.11487 (s told to the network).

    x: images; shrink: means over ``factor`` x ``factor`` pixels; s: uniform up to ``augmentation``
    in training, ``noise`` when enlarging, where the range of an image is 2; eps': N(0, I).
    """

    use: ClassVar[str] = "To enlarge images, with details that it makes up."
    takes: ClassVar[str] = "5 minutes"

    sampling_options: ClassVar[type[EnlargingOptions]] = EnlargingOptions

    network: Literal["auto", "unet", "transformer"] = param(  # type: ignore[assignment]
        "auto", "kind of network (auto: unet)"
    )
    batch_size: int = inherited(
        DenoisingModel,
        "batch_size",
        32,
        help="examples in a step; each holds many details, so fewer will do than for whole images",
    )
    sampling_steps: int = inherited(  # more bring nothing (benchmarks/enlarging_steps.py)
        DenoisingModel, "sampling_steps", 4, help="steps of the sampler; a small image tells most"
    )
    time_mean: float = param(0.0, "mean of logit t: above 0 more noise, below more data")
    time_std: float = param(1.0, "standard deviation of logit t", low=1e-3)
    factor: int = param(2, "how many times as high and wide images become", low=2, high=8)
    augmentation: float = param(
        0.3, "most noise on the small image in training, where the range of an image is 2", low=0
    )
    noise_on_small: float = param(
        0.1, "noise on the small image when enlarging, where the range of an image is 2", low=0
    )

    @property
    def schedule(self) -> Schedule:
        return LinearSchedule()

    @property
    def prediction(self) -> Prediction:
        # Details are few, so most of what is asked for is noise that is seen: errors fall by a
        # fifth against a velocity (benchmarks/enlarging.py).
        return EDMPreconditioning(self.sigma_data_)

    def training_times(self, n: int) -> Tensor:
        return logit_normal(stratified_uniform(n), self.time_mean, self.time_std)

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Squared error for each number of the prediction; some of the classes or captions ``y``
        are withheld."""
        u, s = self.noisy_small(x)
        eps, t = noise_like(x), self.training_times(len(x))
        told, any_other = (
            ImageConditioning(u, s, one) for one in (self.dropped_condition(y), None)
        )
        return self.denoiser.loss(x - u, eps, t, told, self.training_guidance, any_other)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for what is no image or too small, and for more noise when enlarging
        than was trained with."""
        downsampled_spec(spec, self.factor)
        super().check_data(spec)
        self._check_noise(self.noise_on_small)

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``small_spec_`` is what is enlarged."""
        super().resolve_hyperparameters(spec)
        self.small_spec_: ImageSpec = downsampled_spec(spec, self.factor)

    def build_network(self, shape: tuple[int, ...]) -> nn.Module:
        return ConcatConditioning(super().build_network((2 * shape[0] + 1, *shape[1:])), shape[0])

    def training_target(self, x: Tensor) -> Tensor:
        """The details r."""
        return x - self.noisy_small(x)[0]

    def noisy_small(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """u and s of a batch in training."""
        c = downsample(x, self.small_spec_.shape)
        s = self.augmentation * uniform_rows(len(x), device=x.device)
        return upsample(c + expand_like(s, c) * noise_like(c), x.shape[1:]), s

    def enlarge(
        self,
        X: Any,
        *,
        seed: int | None = None,
        start: int = 0,
        noise: float | None = None,
        **options: Unpack[EnlargingOptions],
    ) -> Array:
        """Large images, (n, *user_shape), of small ones ``X`` of the shape that the large ones have
        when shrunk.

        The first is number ``start`` of the stream of ``seed`` (default: the model's); each depends
        on the seed, its number and its small image. ``noise``: on the small images, where their
        range is 2; ``options``: as in `sample` of a diffusion model. Raises `UserError` for images
        of another shape, and for more noise than was trained with.
        """
        check_is_fitted(self)
        values = open_data(X, like=self.small_spec_).values
        s = self._check_noise(self.noise_on_small if noise is None else noise)
        config = self.sampling_config(options)
        draw = partial(
            self._enlarged, seed=self.seed if seed is None else seed, config=config, noise=s
        )
        return np.concatenate(
            [draw(values[i : i + _CHUNK], start=start + i) for i in range(0, len(values), _CHUNK)]
        )

    def shrink(self, X: Any) -> Array:
        """Means over squares of pixels of large images."""
        return downsample_dataset(open_data(X, like=self.spec_), self.small_spec_).values

    def _enlarged(
        self, values: Array, seed: int, start: int, config: SamplingConfig, noise: float
    ) -> Array:
        name, n, device = seed_for(seed, "enlarge"), len(values), self.device_
        x = self.small_spec_.to_internal(values)
        x = x + noise * normal(seed_for(name, "small"), start, n, self.small_spec_.shape)
        u, s = upsample(x.to(device), self.spec_.shape), torch.full((n,), noise, device=device)
        # the class that the small image was drawn of
        same = NoiseStream(seed_for(seed, "sample"), start, n, self.spec_.shape, device)
        asked, negative = (ImageConditioning(u, s, one) for one in self.conditions(same, config))
        stream = NoiseStream(name, start, n, self.spec_.shape, device)
        levels = self.schedule.levels(config.steps)
        denoiser = config.in_range(
            config.guided(self.denoiser, asked, negative, len(self.classes_in_)),
            self.normalizer,
            offset=u,
        )
        with self.sampling():
            r = config.sampler.sample(
                denoiser, stream.first() * denoiser.std(levels[0]), levels, stream.step
            )
        return self.spec_.to_user((u + self.normalizer.inverse(r)).cpu())

    def _check_noise(self, noise: float) -> float:
        if not 0 <= noise <= self.augmentation:
            raise UserError(
                f"noise={noise} was given for the small images; it is at least 0, and at most that"
                f" of training, {self.augmentation}"
            )
        return noise
