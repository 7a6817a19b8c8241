r"""Diffusion: corrupt data gradually until nothing but noise is left, learn to undo a little of it,
and do that many times over.

**Forward.** At time t in [0, 1] an example x has become x_t = alpha(t) x + sigma(t) eps, eps ~ N(0,
I); at t = 0 it is data, at t = 1 noise. alpha and sigma are the *schedule*
(`prob.diffusion.schedules`). Only the ratio sigma/alpha matters for what can be known of x; a
change of schedule is a change of coordinates.

**Learning.** A network sees x_t and the ratio and is asked for a combination a x + b eps, the
*prediction* (`prob.diffusion.predictions`): the noise, the data, a velocity. By least squares it
learns the expected one, so every prediction tells the same: D(x_t) = E[x | x_t], the best guess of
the clean example, a `prob.diffusion.denoiser.Denoiser`.

**Reverse.** Starting from noise, a *sampler* (`prob.diffusion.samplers`) steps through falling t
and asks at each for D. The same dynamics without fresh noise is an ordinary differential equation:
it maps noise to data one to one, which gives codes and log p(x) too.

A model is a schedule, a prediction, a law of the times at which to train, an objective, and a
sampler: Ho, Jain & Abbeel 2020 (arXiv 2006.11239); Song et al. 2021 (arXiv 2011.13456); Karras et
al. 2022 (arXiv 2206.00364); Lipman et al. 2022 (arXiv 2210.02747).

Inside, data is centred for each channel and has standard deviation ``sigma_data``
(`nets.data_normalizer`), whatever the data: 0.5 by default, that of the images in [-1, 1] for which
the papers chose their levels of noise. A network of the diffusers library (unet2d) sees images in
[-1, 1] as they are, as it will there, and begins as nothing, without an anchor.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol
from ...core.errors import UserError
from ...core.estimator_types import ANY_BATCH_SIZE, GradientTrained, seconds
from ...core.options import Threshold, check_options
from ...core.params import inherited, param
from ...core.processes import filled_by_first, uniform_rows
from ...core.seeding import random_rows
from ...core.spec import DataSpec
from ...engine.hardware.device import autocast
from ...nets.data_normalizer import DataNormalizer
from ...nets.denoisers.denoiser_nets import (
    FOREIGN,
    DenoiserConfig,
    check_network,
    default_network,
)
from ...nets.density.mixture_denoiser import MixtureDenoiser
from ...nets.layers.conditioning import adapted_labels
from ...nets.layers.text_conditioning import TextEncoding
from ...prob.diffusion.anchored import AnchoredDenoiser
from ...prob.diffusion.denoiser import DenoisingNetwork, LearnedDenoiser, TimestepDenoiser
from ...prob.diffusion.predictions import Prediction, Scale
from ...prob.diffusion.samplers import SAMPLERS, create_sampler
from ...prob.diffusion.schedules import NoiseLevel, Schedule
from .._drawing import NoiseStream
from .._text_conditioning import TextConditional
from ..base import evaluating
from ._anchor import EXAMPLES, Examples, fit_anchor, objective
from ._sampling_config import SamplingConfig, check_threshold

# examples from which the scale is measured, and numbers in them at most
_MEASURED, _NUMBERS = 10_000, 2**26


@dataclass(kw_only=True, eq=False, repr=False)
class DenoisingModel(TextConditional, GradientTrained):
    """min E w(t) ||F(x_t, t) - (a x + b eps)||^2 over t, x and eps: the objective, and the denoiser
    D that it gives."""

    scalable_networks: ClassVar[tuple[str, ...]] = ("denoiser",)

    network: Literal["auto", "unet", "transformer", "mlp", "unet2d"] = param(
        "auto",
        "kind of network (auto: unet for images, mlp for tables; unet2d: that of the diffusers"
        " library, without an anchor, for `genlearn export RUN --to diffusers`)",
    )
    width: int | None = param(None, "channels at the widest grid (default: by size)", low=8)
    sigma_data: float = param(
        0.5, "standard deviation of the data inside, beside noise of 1", low=1e-3
    )
    label_dropout: float = param(
        0.1,
        "share of examples whose class or caption is withheld: guidance, codes and log p(x)"
        " need it",
        low=0.01,
        high=1,
    )
    training_guidance: float = param(
        1.0,
        "guidance that the network itself learns, which halves the work of a sample (1: none;"
        " `guidance` when sampling multiplies it)",
        low=1,
    )
    batch_size: int | None = inherited(GradientTrained, "batch_size", None, help=ANY_BATCH_SIZE)
    optimizer: Literal["adamw", "muon"] = inherited(GradientTrained, "optimizer", "muon")
    sampler: str = param("unipc", "how to step from noise to data", choices=SAMPLERS.available)
    sampling_steps: int = param(18, "steps of the sampler", low=1)
    eta: float = param(
        0.0, "fresh noise in the steps of ddim: 0 none, 1 as much as ancestral", low=0, high=1
    )
    guidance: float = param(
        1.0, "how far to exaggerate what tells a class from the others (1: not at all)", low=0
    )
    guidance_from: float = param(0.0, "time t from which guidance acts", low=0, high=1)
    guidance_to: float = param(1.0, "time t up to which guidance acts", low=0, high=1)
    threshold: Threshold = param(
        "none", "keep images in range at each step: by clipping, or by scaling them down too"
    )
    threshold_share: float = param(
        0.995, "share of numbers that dynamic thresholding leaves in range", low=0.5, high=1
    )

    @property
    @abstractmethod
    def schedule(self) -> Schedule:
        """alpha and sigma by t."""

    @property
    @abstractmethod
    def prediction(self) -> Prediction:
        """What the network is asked for."""

    @abstractmethod
    def training_times(self, n: int) -> Tensor:
        """Times t at which to train on ``n`` examples, (n,); drawn from torch's generator."""

    @abstractmethod
    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The objective of a batch: (B, *shape) and classes or numbers of captions (B,) -> ()."""

    def weight(self, level: NoiseLevel) -> Scale:
        """What squared errors of the prediction are multiplied by at a level."""
        return 1.0

    def learned_denoiser(self, network: DenoisingNetwork) -> LearnedDenoiser:
        """D by ``network``, as this model asks it."""
        parts = (network, self.schedule, self.prediction, self.normalizer, self.weight)
        if "anchor" in self.networks_:
            return AnchoredDenoiser(*parts, self._anchor)
        return (TimestepDenoiser if self.foreign_ else LearnedDenoiser)(*parts)

    @property
    def denoiser(self) -> LearnedDenoiser:
        """D(x_t), inside the networks' units."""
        return self.learned_denoiser(self.networks_["denoiser"])

    @property
    def normalizer(self) -> DataNormalizer:
        return cast(DataNormalizer, self.networks_["normalizer"])

    @property
    def foreign_(self) -> bool:
        """Whether the network is another library's, and so are its units: images from -1 to 1 as
        they are."""
        return self.network in FOREIGN

    @property
    def class_frequencies_(self) -> Tensor:
        return self.normalizer.frequencies

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        yield self.networks_, self.loss(x, y)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for a network that does not suit, guidance with nothing to act on, and
        thresholds of data without a range."""
        super().check_data(spec)
        check_network(self.network, self.width, spec, self.learns_captions(spec))
        check_threshold(self.threshold, spec)
        for name in ("guidance", "training_guidance"):
            self.check_guidance(name, getattr(self, name), spec)

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``sigma_data_`` is the standard deviation of the data that the networks see."""
        super().resolve_hyperparameters(spec)
        self.sigma_data_ = self.sigma_data

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        normalizer = DataNormalizer(spec.shape, self.sigma_data_, len(self.classes_in_))
        parts = {"denoiser": self.build_network(spec.shape), "normalizer": normalizer}
        if self.anchored_:
            parts["anchor"] = MixtureDenoiser(spec.dim, len(self.classes_in_))
        return {**parts, **super().build(spec)}

    def build_network(self, shape: tuple[int, ...]) -> nn.Module:
        """A new network for x (B, *shape)."""
        network = default_network(shape) if self.network == "auto" else self.network
        shape = ((2 if self.anchored_ else 1) * shape[0], *shape[1:])
        text = self.token_dim_ if self.condition_ == "text" else 0
        return DenoiserConfig(
            shape, network, self.size, self.width, len(self.classes_in_), text
        ).build()

    def training_target(self, x: Tensor) -> Tensor:
        """What is learned of examples ``x``, in the data's units: they themselves, if nothing else
        is said."""
        return x

    def fit_normalizer(self, data: DatasetProtocol) -> None:
        """Centre and scale of the data, and how often its classes occur; the anchor."""
        super().fit_normalizer(data)
        x, labels = data.batch(self.some(data, min(_MEASURED, max(2, _NUMBERS // data.spec.dim))))
        labels = None if labels is None else labels.to(self.device_)
        self.normalizer.count(labels)
        if not self.foreign_:
            self.normalizer.fill(self.training_target(x.to(self.device_)))
        if self.anchored_ and not self.fine_tuned_:
            filled_by_first(self._anchor, lambda: self._fit_anchor(data))

    def adapted_weights(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """Where no classes are learned any more, all examples are of any class; where there were
        none, new ones say nothing yet. How often they occur is what it is in the data here."""
        weights = adapted_labels(super().adapted_weights(weights), self.networks_.state_dict())
        if "anchor.log_weights" in weights and not self.classes_in_:
            weights["anchor.log_weights"] = weights["anchor.log_weights"][-1:]
        return {**weights, "normalizer.frequencies": self.normalizer.frequencies}

    def _fit_anchor(self, data: DatasetProtocol) -> None:
        """Fit the mixture that the network begins as, by the model's own objective."""
        x, labels = data.batch(random_rows(self.seed, len(data), EXAMPLES, "anchor"))
        y = labels.to(self.device_) if labels is not None and self.classes_in_ else None
        examples = Examples(self.normalizer(x.to(self.device_)), y)
        denoiser = self.learned_denoiser(lambda x_t, log_ratio, condition: torch.zeros_like(x_t))
        loss = objective(denoiser, self.training_times, self.seed)
        budget = None if self.budget is None else seconds(self.budget)
        fit_anchor(self._anchor, examples, loss, budget, self.seed)

    @property
    def _anchor(self) -> MixtureDenoiser:
        return cast(MixtureDenoiser, self.networks_["anchor"])

    def some(self, data: DatasetProtocol, count: int) -> Array:
        """Indices of ``count`` examples from all over the data, which may be sorted."""
        return np.sort(random_rows(self.seed, len(data), count, "measure"))

    def dropped_condition(self, y: Tensor | None) -> Tensor | TextEncoding | None:
        """The classes or captions of a training batch, some of them replaced by "any"."""
        if self.condition_ == "none":
            return None
        assert y is not None
        dropped = uniform_rows(len(y), device=y.device) < self.label_dropout
        if self.condition_ == "label":
            return torch.where(dropped, len(self.classes_in_), y)
        text = self.caption_encodings(y)
        return TextEncoding(text.tokens, text.mask & ~dropped[:, None])

    def sampling_config(self, options: Mapping[str, Any]) -> SamplingConfig:
        """What was asked for, checked, and the model's own settings for the rest. Raises
        `UserError`."""
        check_options(options, self.sampling_options, type(self).__name__)
        asked = {key: value for key, value in options.items() if value is not None}
        threshold = asked.get("threshold", self.threshold)
        guidance = asked.get("guidance", self.guidance)
        check_threshold(threshold, self.spec_)
        if asked.get("guidance", 1.0) != 1 and self.condition_ == "none":
            raise UserError(
                f"guidance={guidance} was given, but this model learned neither classes nor"
                " captions; fit it on data that has them"
            )
        return SamplingConfig(
            sampler=create_sampler(asked.get("sampler", self.sampler), eta=self.eta),
            steps=asked.get("steps", self.sampling_steps),
            label=self.class_index(asked.get("label")),
            guidance=guidance,
            guidance_interval=(self.guidance_from, self.guidance_to),
            prompt=self.encode_prompts(asked.get("prompt")),
            negative=self.encode_prompts(asked.get("negative"), "negative"),
            threshold=threshold,
            threshold_share=self.threshold_share,
        )

    def conditions(
        self, stream: NoiseStream, config: SamplingConfig
    ) -> tuple[Tensor | TextEncoding | None, Tensor | TextEncoding | None]:
        """What is asked for of each sample of ``stream``, a class, a prompt, or nothing; and what
        it is led away from."""
        asked: Tensor | TextEncoding | None = self.prompt_encodings(
            config.prompt, stream.n, stream.start
        )
        if asked is None:
            asked = self.sampled_labels(stream.n, stream.seed, stream.start, config.label)
        return asked, self.prompt_encodings(config.negative, stream.n, 0)

    @contextmanager
    def sampling(self) -> Iterator[None]:
        """Inside, the networks are in evaluation mode and as fast as the hardware allows;
        ``decode`` and log p(x) take full precision."""
        with evaluating(self.networks_), autocast(self.precision, self.device_, self.spec_):
            yield
