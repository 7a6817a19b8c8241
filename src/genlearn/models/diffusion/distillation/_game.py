"""The game of a student and a discriminator that reads the layers of the teacher."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from ....core.processes import noise_like
from ....nets.denoisers.layer_maps import LayeredNetwork, recorded
from ....nets.gan.feature_discriminator import FeatureDiscriminator, as_picture
from ....nets.layers.conditioning import Conditioning
from ....prob.diffusion.denoiser import LearnedDenoiser
from ....prob.diffusion.time_sampling import log_normal, stratified_uniform
from ....prob.gan_losses import RelativisticLoss
from ....prob.gradient_penalties import squared_gradient_norm
from .._features import layers_of

_MOST = 5  # layers that are read
# of log sigma / (alpha sigma_data), at which data and samples are compared
_MEAN, _STD = -0.3, 1.0
_GAMMA = 0.2  # what multiplies R1 and R2, with a half
_LOSS = RelativisticLoss()


class Answers(NamedTuple):
    """What layers of the teacher answered to noisy examples, (B, C, H, W) or (B, d) by name, at
    ``log_ratio`` log sigma / alpha (B,)."""

    layers: Mapping[str, Tensor]
    log_ratio: Tensor

    def detached(self) -> Answers:
        """The same, from which gradients go no further."""
        cut = {name: h.detach().requires_grad_() for name, h in self.layers.items()}
        return Answers(cut, self.log_ratio)


def compared_levels(n: int, sigma_data: float) -> Tensor:
    """Ratios sigma / alpha at which ``n`` examples are compared, (n,)."""
    return sigma_data * log_normal(stratified_uniform(n), _MEAN, _STD)


@dataclass(frozen=True)
class FeatureGame:
    """Data against samples, both under one amount of noise, as the ``discriminator`` C judges what
    layers h of the ``teacher`` answer to them: E log s(C(h(x)) - C(h(G(z)))), with penalties R1 and
    R2 on the slope of C along h."""

    teacher: LearnedDenoiser
    discriminator: FeatureDiscriminator

    def answers(self, x: Tensor, ratios: Tensor, condition: Conditioning | None) -> Answers:
        """To examples ``x`` (B, *shape), inside, under noise of ``ratios`` (B,)."""
        schedule, network = self.teacher.schedule, self.teacher.network
        level = schedule.at(schedule.time(ratios)).like(x)
        names = tuple(self.discriminator.heads)
        with recorded(cast(LayeredNetwork, network), names, Tensor.float) as layers:
            self.teacher.posterior_mean(level.noised(x, noise_like(x)), level, condition)
        return Answers(dict(layers), level.log_ratio(x))

    def losses(
        self,
        x: Tensor,
        guess: Tensor,
        ratios: Tensor,
        condition: Conditioning | None,
        other: Conditioning | None,
    ) -> Iterator[Tensor]:
        """That of the discriminator, and, once it has learned, that of the student, which made
        ``guess`` (B, *shape) under the ``condition`` of the data ``x``; ``other``: conditions of
        other data, if they are to be told from these."""
        with torch.no_grad():
            real = self.answers(x, ratios, condition)
        fake = self.answers(guess, ratios, condition)
        loss = self.discriminator_loss(real, fake)
        if other is not None:
            with torch.no_grad():
                mismatched = self.answers(x, ratios, other)
            loss = loss + _LOSS.discriminator(
                self.discriminator(*real), self.discriminator(*mismatched)
            )
        yield loss
        yield self.generator_loss(real, fake)

    def discriminator_loss(self, real: Answers, fake: Answers) -> Tensor:
        real, fake = real.detached(), fake.detached()
        logits = [self.discriminator(*answers) for answers in (real, fake)]
        slopes = [
            squared_gradient_norm(on, h)
            for on, answers in zip(logits, (real, fake), strict=True)
            for h in answers.layers.values()
        ]
        return _LOSS.discriminator(*logits) + _GAMMA / 2 * torch.stack(slopes).sum(0).mean()

    def generator_loss(self, real: Answers, fake: Answers) -> Tensor:
        """The student's loss, by answers to samples that have its gradient."""
        with torch.no_grad():
            on_real = self.discriminator(*real)
        return _LOSS.generator(self.discriminator(*fake), lambda: on_real)


def feature_discriminator(network: nn.Module, shape: tuple[int, ...]) -> FeatureDiscriminator:
    """A new one for what layers of ``network`` answer to x (B, *shape): at most five, evenly
    spread. Those on the finest grid see what samples lack most, grain and edges."""
    names = layers_of(network)
    with torch.no_grad(), recorded(cast(LayeredNetwork, network), names, as_picture) as answers:
        network(torch.zeros(2, *shape), torch.zeros(2))
    count = min(_MOST, len(names))
    read = [names[(2 * k + 1) * len(names) // (2 * count)] for k in range(count)]
    return FeatureDiscriminator({name: tuple(answers[name].shape[1:]) for name in read})
