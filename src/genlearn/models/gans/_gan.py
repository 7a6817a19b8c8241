r"""Generative adversarial networks: two players, and a distribution as the outcome of their game.

A *generator* makes samples x = G(z) from noise z; a *discriminator* D is shown data and samples,
and learns to tell them apart. Its answer is a loss that is learned along with the generator: no
density is ever written down, so none can be evaluated, but a sample takes one pass. In turn
(Goodfellow et al. 2014, arXiv 1406.2661, algorithm 1), D takes k steps up the value of the game
(`prob.gan_losses`) and G one step down, which sees the new D; each step is made for one player, and
the other's weights are constants in it.

**What goes wrong.** If G finds one example that D takes for data, nothing in a single answer asks
it to make others: *mode collapse*. If D is sure of everything, its slope at the samples vanishes
and G learns nothing; if the game has no resting place, the players go round in circles. Losses tell
little, since each is measured against a moving opponent. What can be watched is how sure D is of
data and of samples: both come near 1/2.

**Classes.** A *code* is z and, where there are classes, a 1 in the place of the example's; G makes
a sample of it. D answers for every class at once, and the answer for the class in question counts:
a projection of its features on a vector for each class (Miyato & Koyama 2018, arXiv 1802.05637).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from ...core.capabilities import Array, DatasetProtocol, Discriminates
from ...core.errors import UserError
from ...core.panels import Panel
from ...core.params import param
from ...core.processes import from_all, normal_rows
from ...core.seeding import random_rows, seed_for, seeded
from ...core.spec import DataSpec, ImageSpec
from ...engine.hardware.device import autocast
from ...engine.hardware.distributed import launch_of
from ...engine.runs.training_history import TrainingHistory
from ...nets.buffers import Buffer
from ...nets.gan.mode_collapse import EQUAL_SHARE, MONITOR_SAMPLES, ModeCollapseMonitor
from ...nets.layers.batchnorm_recalibration import batch_norms, recalibrating
from ...prob.ada import augment, update_p
from ...prob.gan_losses import GANLoss
from ...prob.gradient_penalties import Critic
from ._game_panels import game_panels
from ._generator import GeneratorModel

_DEFAULT_LATENT_DIM = 64
_ADA_BELOW = 10_000  # examples, below which what the discriminator sees is changed
# examples in which the probability of a change may rise to 1; 500,000 in Karras et al. 2020, whose
# trainings take longer
_ADA_RAMP = 50_000
_COMPARED_SAMPLES = 512  # samples beside which an example is judged
# examples by which batch norms are measured, and how many at a time
_BATCHNORM_EXAMPLES, _BATCHNORM_BATCH = 2048, 128
_HISTORY_COLUMNS = ("value", "data", "samples")


@dataclass(kw_only=True, eq=False, repr=False)
class GANBase(GeneratorModel, Discriminates):
    """A generator and a discriminator that play a game in turn."""

    has_held_out_loss: ClassVar[bool] = False  # the loss of each is measured by the other
    latent_dim: int | None = param(
        None,
        "numbers of noise that a sample is made from (default: 64, or as many as an example has)",
        low=1,
    )
    augment: Literal["auto", "on", "off"] = param(
        "auto",
        "change the images that the discriminator sees, as far as it overfits (auto: sets below"
        " 10,000)",
    )
    discriminator_steps: int = param(
        1, "steps of the discriminator for one of the generator, which share the batch", low=1
    )

    @property
    @abstractmethod
    def gan_loss(self) -> GANLoss:
        """What they play for."""

    @abstractmethod
    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        """G: codes (B, ``code``) -> (B, *shape)."""

    @abstractmethod
    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        """D: examples (B, *shape) and their classes (B,) -> logits (B,); without classes, for all
        of them: (B, ``classes``)."""

    def penalty(
        self, x: Tensor, real: Tensor, samples: Tensor, fake: Tensor, critic: Critic
    ) -> Tensor | float:
        """What the discriminator's loss has beside the game. ``real``, ``fake``: the logits of the
        examples ``x`` and ``samples``, by way of which they can be differentiated; ``critic``: the
        logits of other examples of the same classes."""
        return 0.0

    def generator_penalty(self, n: int, y: Tensor | None) -> Tensor | float:
        """What the generator's loss has beside the game, for a batch of ``n`` examples of the
        classes ``y``."""
        return 0.0

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for classes that are not there, and batches too small to share."""
        super().check_data(spec)
        devices = launch_of(self.devices).processes
        share, unequal = divmod(self.batch_size_ // devices, self.discriminator_steps)
        if not share or (devices > 1 and unequal):
            where = "" if devices == 1 else f" on each of devices={devices}, equally"
            given = f"discriminator_steps={self.discriminator_steps} share"
            given = f"{given} batch_size={self.batch_size_}{where}"
            raise UserError(f"{given}; a step takes at least one example")

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``latent_dim_`` is the number of numbers in a code: noise, and a place for each class."""
        super().resolve_hyperparameters(spec)
        self.latent_dim_ = (self.latent_dim or min(_DEFAULT_LATENT_DIM, spec.dim)) + len(
            self.classes_in_
        )

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        classes = len(self.classes_in_)
        players = {
            "generator": self.generator(spec, self.latent_dim_),
            "discriminator": self.discriminator(spec, max(1, classes)),
        }
        kept = {
            "class_frequencies": Buffer(torch.ones(classes) / max(1, classes)),
            "ada_p": Buffer(torch.zeros(())),
        }
        return {
            **players,
            **kept,
            "history": TrainingHistory(len(_HISTORY_COLUMNS)),
            "mode_collapse": ModeCollapseMonitor(),
        }

    def fit_normalizer(self, data: DatasetProtocol) -> None:
        """How often each class occurs, and how far apart examples are."""
        rows = random_rows(self.seed, len(data), MONITOR_SAMPLES, "rows")
        self.collapse_monitor.measure(data.batch(np.sort(rows))[0])
        if self.classes_in_ and data.labels is not None:
            self.class_frequencies_.copy_(
                torch.from_numpy(
                    np.bincount(data.labels, minlength=len(self.classes_in_)) / len(data)
                )
            )

    @torch.no_grad()
    def diagnose(self) -> str | None:
        """Mode collapse, by what the generator makes of one noise as it does in training: batch
        norms go by the batch, and keep no trace of it."""
        return self.collapse_monitor.diagnose(self._monitored_samples())

    @torch.no_grad()
    def shortcoming(self) -> str | None:
        """That all samples are one, which a game that never got going ends with."""
        monitor = self.collapse_monitor
        if not monitor.data or monitor.share(self._monitored_samples()) > EQUAL_SHARE:
            return None
        return "all samples are equal: the generator makes one example of any noise"

    def _monitored_samples(self) -> Tensor:
        generator = self.networks_["generator"]
        codes = self._latent_code(
            *self._initial_noise(MONITOR_SAMPLES, seed_for(self.seed, "watch"))
        )
        buffers = {name: buffer.clone() for name, buffer in generator.named_buffers()}
        parts = codes.tensor_split(-(-MONITOR_SAMPLES // self.batch_size_))
        return torch.cat([functional_call(generator, buffers, (part,)) for part in parts])

    def post_training(self, data: DatasetProtocol) -> None:
        """Measure what batch norms go by outside training, on as much data as samples."""
        norms = batch_norms(self.networks_)
        if not norms:
            return
        rows = random_rows(self.seed, len(data), _BATCHNORM_EXAMPLES, "rows")
        with (
            seeded(seed_for(self.seed, "norms")),
            autocast(self.precision, self.device_, self.spec_),
            recalibrating(norms),
        ):
            for part in np.array_split(rows, -(-len(rows) // _BATCHNORM_BATCH)):
                x, y = data.batch(np.sort(part))
                y = y.to(self.device_) if y is not None and self.classes_in_ else None
                self._logits(x.to(self.device_), y)
                self._logits(self._generate(len(x), y), y)

    def adapted_weights(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return {**weights, "class_frequencies.value": self.class_frequencies_}  # of the data here

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        y = y if self.classes_in_ else None
        for part in range(self.discriminator_steps):
            rows = slice(part, None, self.discriminator_steps)
            yield (
                self.networks_["discriminator"],
                self._discriminator_loss(x[rows], None if y is None else y[rows]),
            )
        yield self.networks_["generator"], self._generator_loss(x, y)

    def discriminate(self, X: Any) -> Array:
        """How sure the discriminator is that each example is data and not one of the model's
        samples, (n,), in [0, 1]."""
        logits = self._map(self._max_class_logit, self._values(X))
        others = self._map(self._max_class_logit, self.sample(_COMPARED_SAMPLES, seed=self.seed))
        return self.gan_loss.probability_real(logits, others).numpy()

    def certainty_history(self) -> Array:
        """How sure the discriminator was, (points, 3): step, of data, of samples."""
        return self.history.curves()[:, [0, 2, 3]]

    def panels(self, data: DatasetProtocol) -> list[Panel]:
        """The game over time: how sure the discriminator was, and the value."""
        return game_panels(self.history, self.gan_loss.equilibrium)

    @property
    def class_frequencies_(self) -> Tensor:
        return cast(Buffer, self.networks_["class_frequencies"]).value

    @property
    def history(self) -> TrainingHistory:
        return cast(TrainingHistory, self.networks_["history"])

    @property
    def collapse_monitor(self) -> ModeCollapseMonitor:
        return cast(ModeCollapseMonitor, self.networks_["mode_collapse"])

    @property
    def _ada_p(self) -> Tensor:
        return cast(Buffer, self.networks_["ada_p"]).value

    @property
    def _uses_ada(self) -> bool:
        few = self.augment == "auto" and self.n_samples_ < _ADA_BELOW
        return isinstance(self.spec_, ImageSpec) and (few or self.augment == "on")

    @property
    def _step_index(self) -> int:
        """The number of the step that is being taken, from 0."""
        return int(self.history.count) - 1

    def _discriminator_loss(self, x: Tensor, y: Tensor | None) -> Tensor:
        """The discriminator's loss; the game is noted."""
        x, samples = x.requires_grad_(), self._generate(len(x), y).detach().requires_grad_()
        real, fake = self._logits(x, y), self._logits(samples, y)
        self._record_step(real.detach(), fake.detach())
        return self.gan_loss.discriminator(real, fake) + self.penalty(
            x, real, samples, fake, partial(self._logits, y=y)
        )

    def _generator_loss(self, x: Tensor, y: Tensor | None) -> Tensor:
        """The generator's loss."""
        fake = self._logits(self._generate(len(x), y), y)
        return self.gan_loss.generator(
            fake, torch.no_grad()(partial(self._logits, x, y))
        ) + self.generator_penalty(len(x), y)

    def _record_step(self, real: Tensor, fake: Tensor) -> None:
        real, fake = from_all(real), from_all(fake)
        probability_real = [
            self.gan_loss.probability_real(real, fake).mean(),
            self.gan_loss.probability_real(fake, real).mean(),
        ]
        self.history.add(torch.stack([self.gan_loss.value(real, fake), *probability_real]))
        if self._uses_ada:
            self._ada_p.fill_(
                update_p(
                    float(self._ada_p),
                    float(self.gan_loss.overfitting_heuristic(real, fake)),
                    self.batch_size_ / self.discriminator_steps / _ADA_RAMP,
                )
            )

    def _generate(self, n: int, y: Tensor | None) -> Tensor:
        """``n`` samples from fresh noise, for training."""
        x: Tensor = self.networks_["generator"](
            self._latent_code(normal_rows(n, self._noise_dim, device=self.device_), y)
        )
        return x

    def _logits(self, x: Tensor, y: Tensor | None) -> Tensor:
        """D(x), (B,), for the classes ``y``."""
        if self.networks_.training and self._uses_ada:
            x = augment(x, float(self._ada_p))
        classes = x.new_zeros(len(x), dtype=torch.long) if y is None else y
        logits: Tensor = self.networks_["discriminator"](x, classes)
        return logits

    def _max_class_logit(self, x: Tensor) -> Tensor:
        """D(x), (B,), for the class that suits each example best."""
        logits: Tensor = self.networks_["discriminator"](x)
        return logits.amax(1)
