r"""Super-resolution: the distribution of large images given small ones.

A small image leaves open what its details were; a diffusion model that sees it beside the noisy large one draws them. What is learned is the
difference to the small image stretched, so that what the small image tells need not be learned again:

    r = x - u,    u = stretch(shrink(x) + s eps'),    D(r_t, u, s) = E[r | r_t, u, s].

**Noise on the small image.** What is enlarged later may be samples, with faults that no shrunk image has. So the small image is given noise of a
random strength s in training, and s is told to the network, which learns to take from it no more than can be trusted. When enlarging, a little
noise covers faults of about its strength, and details are drawn in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ..core.capabilities import Array, Enlarges
from ..core.errors import UserError
from ..core.hyper import hyper
from ..core.random import derive, normal
from ..core.spec import DataSpec, ImageSpec
from ..data import open_data
from ..nets.condition import Beside, Seeing
from ..prob.samplers import last
from ..prob.targets import Preconditioned, Target
from ._diffusion import like
from ._shrinking import shrunk, small, small_spec, stretched
from ._steering import Recipe, Steering
from ._straight import Straight

_CHUNK = 128  # images enlarged at a time


@dataclass(kw_only=True, eq=False, repr=False)
class Upscale(Straight, Steering, Enlarges):
    r"""Super-resolution by diffusion of r = x - u, u = stretch(shrink(x) + s eps'), given u and s, on the straight path of flow matching.

    Ho, Saharia, Chan, Fleet, Norouzi & Salimans 2021, "Cascaded diffusion models for high fidelity image generation", arXiv 2106.15282 (noise
    conditioning augmentation); Saharia et al. 2022, arXiv 2205.11487 (s told to the network).

    x: images; shrink: means over ``factor`` x ``factor`` pixels; s: uniform up to ``augmentation`` in training, ``noise`` when enlarging, where the
    range of an image is 2; eps': N(0, I).
    """

    network: Literal["auto", "unet", "transformer"] = hyper("auto", "kind of network (auto: unet)")
    batch_size: int = hyper(32, "examples in a step; each holds many details, so fewer will do than for whole images", low=1)
    factor: int = hyper(2, "how many times as high and wide images become", low=2, high=8)
    augmentation: float = hyper(0.3, "most noise on the small image in training, where the range of an image is 2", low=0)
    noise_on_small: float = hyper(0.1, "noise on the small image when enlarging, where the range of an image is 2", low=0)

    @property
    def target(self) -> Target:
        # Details are few, so most of what is asked for is noise that is seen: errors fall by a fifth against a velocity (benchmarks/enlarging.py).
        return Preconditioned(self.spread_)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for what is no image or too small, and for more noise when enlarging than was trained with."""
        small_spec(spec, self.factor)
        super().check_data(spec)
        self._check_noise(self.noise_on_small)

    def settle(self, spec: DataSpec) -> None:
        """``small_spec_`` is what is enlarged."""
        super().settle(spec)
        self.small_spec_: ImageSpec = small_spec(spec, self.factor)

    def denoising(self, shape: tuple[int, ...]) -> nn.Module:
        return Seeing(super().denoising((2 * shape[0] + 1, *shape[1:])), shape[0])

    def subject(self, x: Tensor) -> Tensor:
        """The details r."""
        return x - self._seen(x)[0]

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Squared error for each number of the target; some of the classes or captions ``y`` are withheld."""
        u, s = self._seen(x)
        return self.error(self.units(x - u), Beside(u, s, self._withheld(y)))

    def enlarge(
        self,
        X: Any,
        *,
        seed: int | None = None,
        start: int = 0,
        steps: int | None = None,
        label: str | int | None = None,
        guidance: float | None = None,
        prompt: str | Sequence[str] | None = None,
        negative: str | None = None,
        threshold: str | None = None,
        noise: float | None = None,
    ) -> Array:
        """Large images, (n, *user_shape), of small ones ``X`` of the shape that the large ones have when shrunk.

        The first is number ``start`` of the stream of ``seed`` (default: the model's); each depends on the seed, its number and its small image.
        ``noise``: on the small images, where their range is 2; all else as in `sample` of a diffusion model.
        Raises `UserError` for images of another shape, and for more noise than was trained with.
        """
        check_is_fitted(self)
        values = open_data(X, like=self.small_spec_).values
        s = self._check_noise(self.noise_on_small if noise is None else noise)
        recipe = self._recipe(steps, None, label, guidance, prompt, negative, threshold)
        draw = partial(self._enlarged, seed=self.seed if seed is None else seed, recipe=recipe, noise=s)
        return np.concatenate([draw(values[i : i + _CHUNK], start=start + i) for i in range(0, len(values), _CHUNK)])

    def shrink(self, X: Any) -> Array:
        """Means over squares of pixels of large images."""
        return small(open_data(X, like=self.spec_), self.small_spec_).values

    def _enlarged(self, values: Array, seed: int, start: int, recipe: Recipe, noise: float) -> Array:
        name, n, device = derive(seed, "enlarge"), len(values), self.device_
        x = self.small_spec_.to_internal(values)
        x = x + noise * normal(derive(name, "small"), start, n, self.small_spec_.shape)
        u, s = stretched(x.to(device), self.spec_.shape), torch.full((n,), noise, device=device)
        given: Any = self.told(n, derive(seed, "sample"), start, recipe)  # as the model that drew the small images told itself
        against: Any = self._texts(n, 0, recipe.negative)
        denoise, levels = self._guided(recipe, Beside(u, s, given), Beside(u, s, against)), self.path.levels(recipe.steps)
        way = self._led(denoise, self._normals(name, start, n) * self.spread_at(levels[0]), levels, recipe, self._fresh(name, start, n), beside=u)
        return self.spec_.to_user((u + self.units.inverse(last(way).x)).cpu())

    def _seen(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """u and s of a batch in training."""
        c = shrunk(x, self.small_spec_.shape)
        s = self.augmentation * torch.rand(len(x), device=x.device)
        return stretched(c + like(s, c) * torch.randn_like(c), x.shape[1:]), s

    def _check_noise(self, noise: float) -> float:
        if not 0 <= noise <= self.augmentation:
            raise UserError(f"noise={noise} was given for the small images; it is at least 0, and at most that of training, {self.augmentation}")
        return noise
