"""The reverse process: new data from noise, in steps of a sampler; and both processes to be seen.

What stands here is the border: the user's units, noise named by seed and number, and the model's
own settings; the steps are `prob.diffusion.samplers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Unpack

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ...core.capabilities import (
    Array,
    DiffusionProcess,
    Graph,
    InterpolatesPrompts,
    PipelineParts,
    Samples,
)
from ...core.errors import UserError, nearest
from ...core.options import STRENGTH, DiffusionOptions, Quality
from ...core.seeding import normal, seed_for
from ...prob.diffusion.denoiser import Interpolated
from ...prob.diffusion.restoration import start_from
from ...prob.diffusion.samplers import Heun, Sampler, TrajectoryPoint, create_sampler, last
from ...prob.diffusion.schedules import NoiseLevel, expand_like
from .._drawing import NoiseStream, in_batches
from ._denoising import DenoisingModel
from ._export import diffusion_graphs, pipeline_parts
from ._sampling_config import SamplingConfig

_CURVE = (2, 4, 8, 16, 32, 64)  # numbers of steps at which the error is measured
_ENDLESS, _NOISES = 128, 16  # steps that stand for endless ones, and noises that both start from
_ERRORS: dict[Quality, float] = {"fast": 0.1, "balanced": 0.03, "best": 0.01}  # in sd of the data


@dataclass(kw_only=True, eq=False, repr=False)
class ReverseProcess(DenoisingModel, Samples, DiffusionProcess, InterpolatesPrompts):
    """From noise to data, and from data to noise."""

    sampling_options: ClassVar[type[DiffusionOptions]] = DiffusionOptions

    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[DiffusionOptions],
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by
        ``seed`` (default: the model's).

        Each depends on the seed, its number and the ``options`` alone; of several prompts or
        examples ``init`` each sample has the next. Raises `UserError` for options out of range or
        at odds, an unknown sampler or label, and for labels, prompts and guidance where the model
        learned no classes or captions.
        """
        check_is_fitted(self)
        config = self.sampling_config(options)
        if options.get("quality") is not None:
            quality: Any = options["quality"]
            name, steps = self.steps_for_quality(quality, sampler=options.get("sampler"))
            config = replace(config, sampler=create_sampler(name, eta=self.eta), steps=steps)
        init = options.get("init")
        initial = None if init is None else self._map(self.normalizer, self._values(init))
        strength = options.get("strength") or STRENGTH
        return in_batches(
            self,
            n,
            seed,
            start,
            partial(self.sample_batch, config=config, initial=initial, strength=strength),
        )

    def sample_batch(
        self,
        n: int,
        seed: int,
        start: int,
        config: SamplingConfig,
        initial: Tensor | None,
        strength: float,
    ) -> Array:
        points = self._trajectory(self._stream(n, seed, start), config, initial, strength)
        return self.spec_.to_user(self._outside(last(points).x))

    def _trajectory(
        self,
        stream: NoiseStream,
        config: SamplingConfig,
        initial: Tensor | None = None,
        strength: float = 1.0,
    ) -> Iterator[TrajectoryPoint]:
        """The way of each sample from noise to data, or from ``initial`` examples, in turn."""
        levels, eps = self.schedule.levels(config.steps), stream.first()
        x = eps * self.denoiser.std(levels[0])
        if initial is not None:
            rows = torch.arange(stream.start, stream.start + stream.n) % len(initial)
            x, levels = start_from(initial[rows].to(eps), levels, strength, eps)
        denoiser = config.in_range(
            config.guided(self.denoiser, *self.conditions(stream, config), len(self.classes_in_)),
            self.normalizer,
        )
        with self.sampling():
            yield from config.sampler.trajectory(denoiser, x, levels, stream.step)

    def interpolate_prompts(
        self,
        a: str,
        b: str,
        n: int = 8,
        *,
        seed: int | None = None,
        steps: int | None = None,
        guidance: float | None = None,
    ) -> Array:
        """``n`` examples from one noise: D is that of prompt ``a``, that of ``b``, or an even
        mixture between, (1 - w) D_a + w D_b.

        Raises `UserError` for fewer than two, and where the model learned no captions.
        """
        check_is_fitted(self)
        if n < 2:
            raise UserError(f"n={n} was given; from one prompt to another takes at least 2")
        config = self.sampling_config({"steps": steps, "guidance": guidance})
        first, last = (
            config.guided(self.denoiser, self.prompt_encodings(self.encode_prompts(text), n, 0))
            for text in (a, b)
        )
        shape = (n, *self.spec_.shape)
        weight = expand_like(torch.linspace(0, 1, n, device=self.device_), torch.empty(shape))
        between = Interpolated(first, last, weight)
        levels, one = self.schedule.levels(config.steps), self._stream(1, self._name(seed), 0)
        x = (one.first() * self.denoiser.std(levels[0])).expand(shape)
        with self.sampling():
            x = config.sampler.sample(
                config.in_range(between, self.normalizer), x, levels, one.step
            )
        return self.spec_.to_user(self._outside(x))

    def convergence_curve(self, sampler: str | None = None) -> dict[int, float]:
        """Root mean square distance of samples by number of steps from where many steps of heun
        lead, in deviations of the data.

        The same noises for all; by ``sampler`` (default: the model's), or by heun where that one
        adds fresh noise at each step.
        """
        check_is_fitted(self)
        plain = replace(
            self.sampling_config({}), sampler=self._deterministic(sampler), threshold="none"
        )
        endless = replace(plain, sampler=Heun(), steps=_ENDLESS)
        configs = (endless, *(replace(plain, steps=steps) for steps in _CURVE))
        end, *ends = (
            last(self._trajectory(self._stream(_NOISES, 0, 0), config)).x for config in configs
        )
        errors = [float((x - end).square().mean().sqrt()) / self.sigma_data_ for x in ends]
        return dict(zip(_CURVE, errors, strict=True))

    def steps_for_quality(
        self, quality: Quality, curve: dict[int, float] | None = None, sampler: str | None = None
    ) -> tuple[str, int]:
        """``sampler`` (default: the model's; heun in place of one that adds fresh noise), and the
        fewest of its steps that ``quality`` is content with by ``curve`` (default: measured now).
        Raises `UserError` for an unknown quality."""
        if quality not in _ERRORS:
            raise UserError(f"quality={quality!r} was given; {nearest(str(quality), _ERRORS)}")
        measured = self.convergence_curve(sampler) if curve is None else curve
        steps = next(
            (steps for steps, error in measured.items() if error <= _ERRORS[quality]),
            2 * _CURVE[-1],
        )
        return self._deterministic(sampler).name, steps

    def graphs(self) -> dict[str, Graph]:
        return diffusion_graphs(self)

    def pipeline_parts(self, steps: int) -> PipelineParts:
        return pipeline_parts(self, steps)

    def diffuse(self, X: Any, columns: int = 8, *, seed: int | None = None) -> Array:
        """The forward process x_t = alpha x + sigma eps at ``columns`` even times, one eps an
        example; (n, columns, *user_shape)."""
        values = self._values(X)
        _check_columns(columns)
        eps = normal(
            seed_for(self.seed if seed is None else seed, "diffuse"),
            0,
            len(values),
            self.spec_.shape,
        )
        x = self._map(self.normalizer, values)
        levels = [self.schedule.level(t) for t in np.linspace(0, 1, columns)]
        return self._strip([self._at_scale(level.noised(x, eps), level) for level in levels])

    def sample_trajectory(
        self, n: int = 1, columns: int = 8, *, seed: int | None = None
    ) -> tuple[Array, Array]:
        """The reverse process: x_t of ``n`` samples at ``columns`` times from noise to data, and
        D(x_t); (n, columns, *user_shape)."""
        check_is_fitted(self)
        if n < 1:
            raise UserError(f"n={n} was given; a sample takes at least 1")
        _check_columns(columns)
        points = list(
            self._trajectory(self._stream(n, self._name(seed), 0), self.sampling_config({}))
        )
        # what was expected where
        guesses = [point.expected for point in points[1:] if point.expected is not None] + [
            points[-1].x
        ]
        shown = np.linspace(0, len(points) - 1, columns).round().astype(int)
        states = self._strip([self._at_scale(points[i].x, points[i].level) for i in shown])
        return states, self._strip([guesses[i] for i in shown])

    def _stream(self, n: int, seed: int, start: int) -> NoiseStream:
        return NoiseStream(seed, start, n, self.spec_.shape, self.device_)

    def _name(self, seed: int | None) -> int:
        return seed_for(self.seed if seed is None else seed, "sample")

    def _deterministic(self, sampler: str | None) -> Sampler:
        """The sampler, or heun where it adds fresh noise, so that nothing converges to a single
        point."""
        chosen = create_sampler(sampler or self.sampler, eta=self.eta)
        return Heun() if chosen.stochastic else chosen

    def _outside(self, x: Tensor) -> Tensor:
        """From the networks' units to the spec's."""
        return self.normalizer.inverse(x.to(self.device_)).cpu()

    def _at_scale(self, x: Tensor, level: NoiseLevel) -> Tensor:
        """x_t as it can be shown: at the scale of data, however strong its noise is."""
        return x * (self.sigma_data_ / self.denoiser.std(level))

    def _strip(self, columns: list[Tensor]) -> Array:
        """(n, columns, *user_shape) from tensors inside."""
        x = torch.stack([self._outside(part) for part in columns], 1)
        return self.spec_.to_user(x.flatten(0, 1)).reshape(
            len(x), len(columns), *self.spec_.user_shape
        )


def _check_columns(columns: int) -> None:
    if columns < 1:
        raise UserError(f"columns={columns} was given; a strip has at least 1")
